import type { UploadNeeds } from './send-file';
import { settleUpload } from './settle-upload';
import { isLostAnnouncement, uploadGroup } from './upload-group';
import type { UploadFileOptions, UploadResult } from './upload-options';
import type { UploadSource } from './upload-source';

/** Uploads one file in a group of its own. See `Uploads.uploadFile`. */
export async function uploadFile(
  source: UploadSource,
  options: UploadFileOptions,
  needs: UploadNeeds,
): Promise<UploadResult> {
  const { fileName, size, folder, onProgress, onFileOpened, beforeClose, ...group } = options;
  const file = { source, fileName, size, folder, onProgress, onFileOpened, beforeClose };
  const upload = settleUpload([file], group, needs.names);
  const once = async (): Promise<UploadResult> => {
    const [result] = (await uploadGroup(upload, needs)).files;
    if (result === undefined) throw new RangeError('An upload of one file has one result.');
    return result;
  };
  try {
    return await once();
  } catch (error) {
    // The announcement is the one step that cannot be repeated. Its group is aborted by now, and if the id was ours to choose, a new
    // group is as good.
    if (
      !isLostAnnouncement(error) ||
      options.groupId !== undefined ||
      options.abortOnFailure === false ||
      upload.signal.aborted
    )
      throw error;
    return once();
  }
}
