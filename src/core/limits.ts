/** Resource limits of one container, in systemd's terms; what is absent is not limited. */
export interface ContainerLimits {
  /** 100 is one whole core. */
  readonly cpuPercent?: number;
  readonly memoryMaxBytes?: number;
  readonly memoryHighBytes?: number;
  readonly tasksMax?: number;
  /** 1 to 10000, systemd's default is 100. */
  readonly ioWeight?: number;
}
