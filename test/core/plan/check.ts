import { expect, it } from 'vitest';

import { judged, type Row } from '../../support/builders.ts';

/** A test for each row of a table: what the plan says of a world is what is to be said of it. */
export function check(rows: readonly Row[]): void {
  it.each(rows)('$title', (row) => {
    const { is, should } = judged(row);
    expect(is).toEqual(should);
  });
}
