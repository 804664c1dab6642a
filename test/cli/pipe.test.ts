import { describe, expect, it } from 'vitest';

import { startController } from '../support/controller.ts';
import { openStage } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

describe('a reader that goes away', SLOW, () => {
  it('ends `status --watch`, without a word on stderr', async () => {
    await using stage = await openStage();
    await using _controller = await startController(stage);
    await using watching = stage.spawn(['status', '--watch', '--json']);
    watching.closeStdoutAfterFirst();
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
