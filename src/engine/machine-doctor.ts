import type { Finding } from '../core/ports.ts';

export async function checkNspawnHost(_options: unknown, _signal: AbortSignal): Promise<readonly Finding[]> {
  return await Promise.resolve([]);
}

export async function checkNixosHost(_options: unknown, _signal: AbortSignal): Promise<readonly Finding[]> {
  return await Promise.resolve([]);
}
