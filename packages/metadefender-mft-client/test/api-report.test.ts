import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('the checked-in API report is current, and each public item and each of its members has TSDoc', () => {
  const script = join(__dirname, '..', 'scripts', 'api-report.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}, 180_000);
