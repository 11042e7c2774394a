/** The records of former values that a job has kept, as a source. It is complete when the undo begins. */

export interface RecordsSpec {
  readonly kind: "records";
  /** Name of the table that the job changed. */
  readonly table: string;
  readonly bucket: string;
  /** Key and ETag of the manifest that lists the objects. */
  readonly manifest: string;
  readonly etag: string;
}
