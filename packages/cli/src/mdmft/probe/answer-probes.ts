import type { Answer, Question } from '../../probe/ask';
import { ask, fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, notTried, Untested, untested } from '../../probe/probe';
import type { MdLab } from './lab';
import { idIn } from './transfer';

const asked = (lab: MdLab, question: Question): Promise<Answer> => ask(lab.raw, question, lab.run.signal);

/** Shapes of other answers, and what all answers have in common. */
export const answerProbes: readonly Probe<MdLab>[] = [
  notTried(6, 'separator of share_with', 'It would share a file with other people.'),
  {
    number: 12,
    question: 'shape of the content of a folder',
    async run(lab) {
      await lab.harmless();
      const root = idIn(await asked(lab, { method: 'GET', path: '/root_folder' }), 'folder_id');
      if (root === undefined) throw new Untested('The root folder gave no id.');
      const content = await asked(lab, {
        method: 'GET',
        path: '/folder_content/{id}/{start}/{count}',
        params: { id: root, start: 0, count: 10 },
      });
      if (!content.ok) return differs(`It is refused: ${refusalOf(content)}.`);
      const { files, folders } = fieldsOf(content.body);
      return Array.isArray(files) && Array.isArray(folders)
        ? holds(namesOf(content.body))
        : differs(`${namesOf(content.body)} instead of { files, folders }; the client reads both.`);
    },
  },
  {
    number: 14,
    question: 'operations whose paths come from old pages',
    run: changeThings,
  },
  {
    number: 17,
    question: 'limits on requests',
    late: true,
    run: ({ traffic }) =>
      traffic.throttled === 0
        ? untested(`No 429 or 503 among ${String(traffic.answers)} answers.`)
        : differs(`${String(traffic.throttled)} of ${String(traffic.answers)} answers were 429 or 503.`),
  },
  {
    number: 18,
    question: 'headers that announce deprecation',
    late: true,
    run: ({ traffic }) =>
      traffic.deprecations.length === 0
        ? holds(`None among ${String(traffic.answers)} answers.`)
        : differs(`Seen: ${traffic.deprecations.join(', ')}.`),
  },
  notTried(
    19,
    'answers to files that are too large',
    'A file above the limit of the server would have to be sent.',
  ),
  {
    number: 20,
    question: 'shape of the version',
    async run(lab) {
      const answer = await asked(lab, { method: 'GET', path: '/version' });
      if (!answer.ok) return differs(`It is refused: ${refusalOf(answer)}.`);
      const version = typeof answer.body === 'string' ? answer.body : fieldsOf(answer.body)['version'];
      return typeof version === 'string'
        ? holds(
            `${namesOf(answer.body)}, ${/^[\w.+ -]{1,60}$/.test(version) ? version : 'of another form than 1.2.3'}`,
          )
        : differs(`${namesOf(answer.body)} instead of text or { version }.`);
    },
  },
  {
    number: 23,
    question: 'form of an error',
    async run(lab) {
      const answer = await asked(lab, {
        method: 'GET',
        path: '/{name}',
        params: { name: `no-such-${lab.tag}` },
      });
      const shape = `HTTP ${String(answer.status)} with ${namesOf(answer.body)}`;
      if (answer.ok) return differs(`An address that does not exist is answered ${shape}.`);
      return 'message' in fieldsOf(answer.body) && 'ui_message_key' in fieldsOf(answer.body)
        ? holds(shape)
        : differs(`${shape} instead of { message, ui_message_key, status_code }.`);
    },
  },
  {
    number: 24,
    question: 'TLS',
    run: ({ url, options }) =>
      url.startsWith('https:')
        ? holds(options.ca === undefined ? 'A public authority.' : 'The authority that was given (--ca).')
        : untested('The server is reached by plain http.'),
  },
];

/** Creates, renames and moves within a folder of its own. */
async function changeThings(lab: MdLab) {
  const file = await lab.scan(`${lab.tag}-moved.txt`, Buffer.from(`${lab.tag} to be moved\n`));
  const failed: string[] = [];
  const step = async (name: string, question: Question): Promise<Answer> => {
    const answer = await asked(lab, question);
    if (!answer.ok) failed.push(`${name} (${refusalOf(answer)})`);
    return answer;
  };
  const json = (value: unknown) => ({ body: { json: value } });
  const created = await step('create a folder', {
    method: 'POST',
    path: '/folder',
    ...json({ name: lab.tag, path: '' }),
  });
  const folderId = idIn(created, 'folder_guid') ?? idIn(created, 'folder_id');
  let folder = lab.tag;
  if (folderId !== undefined) {
    lab.undo.add('a folder', () => asked(lab, { method: 'DELETE', path: '/folders', ...json([folderId]) }));
    const renamed = await step('rename a folder', {
      method: 'PUT',
      path: '/rename_folder',
      ...json({ folder_id: folderId, new_folder_name: `${lab.tag}-renamed` }),
    });
    if (renamed.ok) folder = `${lab.tag}-renamed`;
  }
  const newName = `${lab.tag}-renamed.txt`;
  await step('rename a file', {
    method: 'PUT',
    path: '/rename_file',
    ...json({ file_id: file.fileId, new_file_name: newName }),
  });
  if (folderId !== undefined)
    await step('move a file', {
      method: 'PUT',
      path: '/move_files',
      ...json({ files: [{ file_id: file.fileId, name: newName }], new_path: folder }),
    });
  const now = await lab.client().files.status(file.fileId, { signal: lab.run.signal });
  if (now.name !== undefined && now.name !== newName) failed.push('rename a file (without effect)');
  if (folderId !== undefined && now.path !== undefined && !now.path.replace(/^\\/, '').startsWith(folder))
    failed.push('move a file (without effect)');
  const rest = 'Rescan, approval, sharing, tags, audit, jobs and users have no known path.';
  return failed.length === 0
    ? holds(`Create and rename a folder, rename and move a file work. ${rest}`)
    : differs(`These do not work: ${failed.join(', ')}. ${rest}`);
}
