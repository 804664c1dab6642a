import { describe, expect, it } from 'vitest';

import { CURRENT_VERSION, migrate } from '../../src/store/migrate.ts';

const NOW = { boot: 'this-boot', monotonic: 5, wall: 1_000 };

const STEPS = new Map([
  [1, (file: Readonly<Record<string, unknown>>) => ({ ...file, names: [file['name']] })],
  [2, ({ name: _name, ...rest }: Readonly<Record<string, unknown>>) => rest],
]);

describe('migrate', () => {
  it('leaves the current version as it is', () => {
    const file = { version: CURRENT_VERSION, any: 'thing' };
    expect(migrate(file, NOW)).toEqual({ ok: true, file });
  });

  it('takes every step from the version that it finds', () => {
    const migrated = { ok: true, file: { version: 3, names: ['j1'] } };
    expect(migrate({ version: 1, name: 'j1' }, NOW, 3, STEPS)).toEqual(migrated);
    expect(migrate({ version: 2, name: 'j0', names: ['j1'] }, NOW, 3, STEPS)).toEqual(migrated);
  });

  it('knows a newer one from a broken one', () => {
    expect(migrate({ version: CURRENT_VERSION + 1 }, NOW)).toMatchObject({ ok: false, code: 'newer' });
    expect(migrate({ version: 4 }, NOW, 3, STEPS)).toMatchObject({ ok: false, code: 'newer' });
  });

  it.each([{}, { version: 0 }, { version: -1 }, { version: 1.5 }, { version: '1' }, { version: null }])(
    'has no way from %j',
    (file) => {
      expect(migrate(file, NOW)).toMatchObject({ ok: false, code: 'corrupt' });
    },
  );

  it('refuses a version that the table forgot', () => {
    expect(migrate({ version: 1 }, NOW, 2, new Map())).toEqual({
      ok: false,
      code: 'corrupt',
      why: 'nothing is known of a version 1',
    });
  });
});
