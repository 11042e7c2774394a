/**
 * An update of your own: writes the attribute `status` in lower case and without blanks around it.
 *
 * Items without a status count as `skipped`. Items whose status is normal count as `already`, so a page that is repeated
 * after a crash does no harm.
 */
import type { UpdateFunction } from "../../shared/writing/update/userUpdate";

const normalizeStatus: UpdateFunction = ({ status }) => {
  if (status?.S === undefined) return undefined;
  return { set: { status: { S: status.S.trim().toLowerCase() } } };
};
export default normalizeStatus;
