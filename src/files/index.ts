/** Files in and out: uploads, downloads, static files. */
export { download, type DownloadOptions, type DownloadSource } from './download.ts'
export type { FileType } from './kinds.ts'
export type { FastifyPlace, HonoPlace, Place, Sent } from './place.ts'
export { staticFiles, type StaticFiles, type StaticFilesOptions } from './static-files.ts'
export { upload, type StoredFile, type Uploader, type UploadReason, type UploadRefusal, type UploadTaken } from './upload.ts'
export type { FieldRule, FileRule, HeldFile, UploadOptions } from './upload-options.ts'
