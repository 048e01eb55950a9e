import { createHash } from 'node:crypto';
import type { Account } from './accounts';
import { Refusal } from './refusal';

/** A folder of somebody. Its files name it by `path`. */
export interface Folder {
  readonly folderId: string;
  readonly owner: Account;
  /** Empty for the root. */
  name: string;
  /** Where it lies: the path of its parent, levels joined by a backslash. */
  parent: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  modifiedAt: number;
}

/** All folders of one scanner. */
export interface Folders {
  /** The folder that is always there. */
  root(owner: Account): Folder;
  get(folderId: string): Folder | undefined;
  at(owner: Account, path: string): Folder | undefined;
  /** @throws Refusal 400 if the parent does not exist, the name is no name, or a folder of this name stands there. */
  create(owner: Account, parent: string, name: string): Folder;
  /** Creates what is missing of a path: an upload may name a folder that is not there yet. */
  ensure(owner: Account, path: string): void;
  children(folder: Folder): Folder[];
  /** The folder itself and all below it. */
  below(folder: Folder): Folder[];
  /** @throws Refusal 400 as `create` does, or for the root. Paths below it change with it. */
  rename(folder: Folder, name: string): void;
  remove(folder: Folder): void;
}

/** The id of somebody's root: always the same, so that it need not be kept. */
export function rootFolderId(owner: Account): string {
  return createHash('sha256').update(`root of ${owner.userId}`).digest('hex').slice(0, 32);
}

/** The path by which the content of a folder names it. */
export function folderPath({ parent, name }: Pick<Folder, 'parent' | 'name'>): string {
  return parent === '' ? name : `${parent}\\${name}`;
}

/** Levels joined by a backslash, whatever separated them; empty for the root. */
export function normalPath(path: string): string {
  return path
    .split(/[\\/]+/)
    .filter((level) => level !== '')
    .join('\\');
}

/** @example createFolders({ now: Date.now, newId, accountOf }).create(account, '', 'inbox'); */
export function createFolders(options: {
  readonly now: () => number;
  readonly newId: () => string;
  /** Everybody who has a root. */
  readonly accounts: () => readonly Account[];
}): Folders {
  const { now, newId, accounts } = options;
  const folders = new Map<string, Folder>();
  const startedAt = now();

  const root = (owner: Account): Folder => {
    const folderId = rootFolderId(owner);
    const known = folders.get(folderId);
    if (known !== undefined) return known;
    const made = { folderId, owner, name: '', parent: '', createdAt: startedAt, modifiedAt: startedAt };
    folders.set(folderId, made);
    return made;
  };
  const ofOwner = (owner: Account): Folder[] =>
    [...folders.values()].filter((folder) => folder.owner.userId === owner.userId && folder.name !== '');
  const at = (owner: Account, path: string): Folder | undefined =>
    path === '' ? root(owner) : ofOwner(owner).find((folder) => folderPath(folder) === path);
  const below = (folder: Folder): Folder[] => {
    if (folder.name === '') return [folder, ...ofOwner(folder.owner)];
    const path = folderPath(folder);
    const inside = ofOwner(folder.owner).filter(
      ({ parent }) => parent === path || parent.startsWith(`${path}\\`),
    );
    return [folder, ...inside];
  };
  const checkName = (owner: Account, parent: string, name: string): void => {
    if (name === '' || /[\\/]/.test(name)) throw new Refusal(400, 'The folder name is invalid');
    // Product rule: two folders of one name cannot stand side by side. How the API says so is not documented.
    if (at(owner, folderPath({ parent, name })) !== undefined)
      throw new Refusal(400, 'A folder with this name already exists');
  };
  const add = (owner: Account, parent: string, name: string): Folder => {
    const folder = { folderId: newId(), owner, name, parent, createdAt: now(), modifiedAt: now() };
    folders.set(folder.folderId, folder);
    return folder;
  };

  return {
    root,
    get: (folderId) => {
      const owner = accounts().find((account) => rootFolderId(account) === folderId);
      return owner === undefined ? folders.get(folderId) : root(owner);
    },
    at,
    create(owner, parent, name) {
      if (at(owner, parent) === undefined) throw new Refusal(400, 'The parent folder does not exist');
      checkName(owner, parent, name);
      return add(owner, parent, name);
    },
    ensure(owner, path) {
      let parent = '';
      for (const name of path.split('\\').filter((level) => level !== '')) {
        const here = folderPath({ parent, name });
        if (at(owner, here) === undefined) add(owner, parent, name);
        parent = here;
      }
    },
    children: (folder) =>
      ofOwner(folder.owner).filter(({ parent }) => parent === (folder.name === '' ? '' : folderPath(folder))),
    below,
    rename(folder, name) {
      if (folder.name === '') throw new Refusal(400, 'The root folder cannot be renamed');
      if (name !== folder.name) checkName(folder.owner, folder.parent, name);
      const inside = below(folder).slice(1);
      const before = folderPath(folder);
      folder.name = name;
      folder.modifiedAt = now();
      for (const one of inside) one.parent = folderPath(folder) + one.parent.slice(before.length);
    },
    remove: (folder) => void folders.delete(folder.folderId),
  };
}
