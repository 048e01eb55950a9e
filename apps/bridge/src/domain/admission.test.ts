import type { AdmissionFacts } from './admission';
import { admissionReasons } from './admission';

const as2 = {
  name: 'warehouse',
  unit: 'message',
  maxBytes: 100,
  carriesName: (name: string) => /^[ -~]+$/.test(name),
} as const;
const folder = { name: 'files', unit: 'attachment', maxBytes: 60, carriesName: () => true } as const;
const route = {
  name: 'r',
  match: { station: null, partner: null },
  destinations: ['warehouse'],
  onUnknown: 'hold',
  readElsewhere: 'hold',
  inOrder: false,
} as const;
const facts: AdmissionFacts = {
  attachments: [{ name: 'a.edi', size: 50 }],
  route,
  destinations: [as2],
  conflict: null,
};

describe('admissionReasons', () => {
  test.each<[string, Partial<AdmissionFacts>, string[]]>([
    ['fits', {}, []],
    ['exactly the limit', { attachments: [{ name: 'a', size: 100 }] }, []],
    ['no attachment: all of none is no clearance', { attachments: [] }, ['no-attachment']],
    ['an empty attachment', { attachments: [{ name: 'a', size: 0 }] }, ['empty-attachment']],
    ['no route', { route: null, destinations: [] }, ['no-route']],
    ['one byte too many', { attachments: [{ name: 'a', size: 101 }] }, ['too-large']],
    [
      'too large in sum, since a message travels whole',
      {
        attachments: [
          { name: 'a', size: 60 },
          { name: 'b', size: 60 },
        ],
      },
      ['too-large'],
    ],
    [
      'not in sum where each travels alone',
      {
        destinations: [folder],
        attachments: [
          { name: 'a', size: 60 },
          { name: 'b', size: 60 },
        ],
      },
      [],
    ],
    [
      'a name that the destination cannot carry',
      { attachments: [{ name: '发票.pdf', size: 5 }] },
      ['name-not-transmittable'],
    ],
    [
      'a name that a folder can carry',
      { destinations: [folder], attachments: [{ name: '发票.pdf', size: 5 }] },
      [],
    ],
    ['an id conflict', { conflict: 'other content than message 1' }, ['id-conflict']],
    ['several reasons are all given', { conflict: 'x', attachments: [] }, ['id-conflict', 'no-attachment']],
  ])('%s', (_name, change, codes) => {
    expect(admissionReasons({ ...facts, ...change }).map(({ code }) => code)).toEqual(codes);
  });
});
