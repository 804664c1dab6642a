import { secretPath, wholeNumber } from '../kinds/basic.ts';
import { allowedHosts, httpHost } from '../kinds/host.ts';
import type { Rows } from './row.ts';

const BYTES = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'bytes');
const DAYS = wholeNumber(1, 3650, 'days');

/** What later versions can do. */
export const LATER_SETTINGS = {
  httpAllowedHosts: {
    kind: allowedHosts,
    fallback: null,
    meaning: "further names that a request's `Host` may carry, comma-separated; `*`: any",
    needs: 'allowed-hosts',
    option: null,
  },
  webhookSecretFile: {
    kind: secretPath("the webhook's secret"),
    fallback: null,
    meaning: "file with the secret of GitHub's `workflow_job` deliveries",
    needs: 'webhook',
    option: null,
  },
  webhookHost: {
    kind: httpHost,
    fallback: '127.0.0.1',
    meaning: 'where deliveries are listened for',
    needs: 'webhook',
    option: null,
  },
  webhookPort: {
    kind: wholeNumber(1, 65_535),
    fallback: null,
    meaning: 'their port',
    needs: 'webhook',
    option: null,
  },
  historyDays: {
    kind: DAYS,
    fallback: 30,
    meaning: 'how long what is over can still be asked after',
    needs: 'history',
    option: null,
  },
  keepLogsDays: {
    kind: DAYS,
    fallback: 7,
    meaning: 'how long the words of a container are kept',
    needs: 'logs',
    option: null,
  },
  keepLogsBytes: {
    kind: BYTES,
    fallback: 1_073_741_824,
    meaning: 'how much of them is kept',
    needs: 'logs',
    option: null,
  },
} as const satisfies Rows;
