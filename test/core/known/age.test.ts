import { describe, expect, it } from 'vitest';

import { answered, failed, NEVER } from '../../../src/core/known/age.ts';
import type { Age } from '../../../src/core/known/age.ts';
import { NOW, SECOND } from '../../support/builders.ts';

/** An age after so many failures, a second apart; each was known half a second after it was asked for. */
function failing(...gone: readonly boolean[]): Age {
  return gone.reduce<Age>((age, gone, at) => {
    const askedAt = NOW + at * SECOND;
    return failed(age, { askedAt, why: `failure ${at}`, gone }, askedAt + SECOND / 2);
  }, NEVER);
}

describe('an answer', () => {
  it('is as old as its question, and the one before it is known', () => {
    const once = answered(NEVER, NOW);
    expect(once).toEqual({
      askedAt: NOW,
      before: null,
      steadySince: NOW,
      triedAt: NOW,
      failing: null,
    });
    expect(answered(once, NOW + SECOND)).toEqual({
      askedAt: NOW + SECOND,
      before: NOW,
      steadySince: NOW,
      triedAt: NOW + SECOND,
      failing: null,
    });
  });

  it('ends what failed before it, and the next failure begins anew', () => {
    const age = answered(failing(true, true), NOW + 9 * SECOND);
    expect(age).toMatchObject({ failing: null, steadySince: NOW + 9 * SECOND });
    const again = failed(age, { askedAt: NOW + 10 * SECOND, why: '502', gone: false }, NOW + 11 * SECOND);
    expect(again.failing).toEqual({
      since: NOW + 10 * SECOND,
      why: '502',
      tries: 1,
      gone: 0,
      nextTry: NOW + 16 * SECOND,
    });
  });
});

describe('a failure', () => {
  it('leaves the answer before it as it is, and was a try', () => {
    const age = failed(answered(answered(NEVER, 1), 2), { askedAt: 3, why: '', gone: false }, 4);
    expect(age).toMatchObject({ askedAt: 2, before: 1, triedAt: 3 });
  });

  it('counts from the first, and says what the last said', () => {
    expect(failing(false, false, false).failing).toMatchObject({ since: NOW, why: 'failure 2', tries: 3 });
  });

  it.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [4, 40],
    [5, 40],
    [12, 40],
  ])('is left alone after %i tries for %i s', (tries, seconds) => {
    const { failing: is } = failing(...Array<boolean>(tries).fill(false));
    expect((is?.nextTry ?? 0) - (NOW + (tries - 1) * SECOND + SECOND / 2)).toBe(seconds * SECOND);
  });

  it.each([
    { said: [true], gone: 1 },
    { said: [true, true], gone: 2 },
    { said: [true, true, false], gone: 0 },
    { said: [true, false, true], gone: 1 },
  ])('of which GitHub says $said that there is no such thing counts $gone of them', ({ said, gone }) => {
    expect(failing(...said).failing?.gone).toBe(gone);
  });
});
