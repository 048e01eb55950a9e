import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

export interface ProcessFigures {
  /** Resident now, MB (10^6 bytes). */
  readonly rssMb: number;
  /** Highest resident size since the process started, MB: the kernel's own peak, nothing between samples is missed. */
  readonly peakMb: number;
  /** User and system time so far, in seconds. */
  readonly cpuSeconds: number;
  /** Of it the main thread's, which runs all of the JavaScript but the writer's. */
  readonly mainThreadSeconds: number;
}

/** Ticks of /proc/PID/stat in a second. */
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What the kernel knows of a process. Linux only. @throws where the process is gone */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  // The command's name is in brackets and may hold anything; utime and stime are the 14th and 15th field of all.
  const cpuOf = (file: string): number => {
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  };
  return {
    rssMb: megabytes('VmRSS'),
    peakMb: megabytes('VmHWM'),
    cpuSeconds: cpuOf(`/proc/${String(pid)}/stat`),
    mainThreadSeconds: cpuOf(`/proc/${String(pid)}/task/${String(pid)}/stat`),
  };
}

/** The machine's load, for the line under a table: figures of one run on one machine compare with each other only. */
export function machineNote(): string {
  const [load = 0] = loadavg();
  const model = /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown CPU';
  const cores = execFileSync('nproc', { encoding: 'utf8' }).trim();
  return `${model}, ${cores} cores, Node ${process.version}, load ${load.toFixed(1)}; ratios hold for one run on one machine`;
}
