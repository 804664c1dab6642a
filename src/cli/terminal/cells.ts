import stringWidth from 'string-width';

const GRAPHEMES = new Intl.Segmenter();
/** What `Terminal.paint` puts around a text. */
const STYLES = /(\p{Cc}\[[\d;]*m)/u;

/** How many cells of a terminal the text takes: none for a combining mark or a style, two for a wide character. */
export function cellsOf(text: string): number {
  return stringWidth(text);
}

/** The text in so many cells at most; what was cut ends with `…`. Styles stay, so that each of them ends. */
export function cut(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let shown = '';
  let left = cells - 1;
  let isCut = false;
  for (const part of text.split(STYLES)) {
    if (STYLES.test(part)) shown += part;
    else if (!isCut) {
      const begin = beginning(part, left);
      left -= cellsOf(begin);
      isCut = begin !== part;
      shown += isCut ? `${begin}…` : begin;
    }
  }
  return shown;
}

/** As many of the text's characters as fit whole. */
function beginning(text: string, cells: number): string {
  let taken = '';
  let left = cells;
  for (const { segment } of GRAPHEMES.segment(text)) {
    left -= cellsOf(segment);
    if (left < 0) break;
    taken += segment;
  }
  return taken;
}
