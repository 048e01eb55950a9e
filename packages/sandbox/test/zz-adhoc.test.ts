import { hostileStatus } from '../src/scanner/hostile-status';
import { fileStatus } from '../../metadefender-mft-client/src/schemas/file-status';
import { evaluateVerdict } from '../../metadefender-mft-client/src/verdict/evaluate-verdict';
test('client holds all', () => {
  let cleared = 0, pending = 0, thrown = 0;
  for (let seed = 0; seed < 20000; seed++) {
    const { status } = hostileStatus({ file_id: 'ab'.repeat(16), name: 'a', size: 1, path: '' }, seed);
    try { const v = evaluateVerdict(fileStatus.parse(status)); if (v.status === 'cleared') { cleared++; console.log(status); } if (v.status==='pending') pending++; } catch { thrown++; }
  }
  console.log({ cleared, pending, thrown });
});
