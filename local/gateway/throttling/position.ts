import { hash } from "node:crypto";
import type { Value } from "../wire";

/**
 * The position of a partition key in the hash space, from 0 to below 1. Partitions are equal ranges of that space, as in
 * DynamoDB (developer guide, "Partitions and data distribution"); DynamoDB's hash function is secret, and ours is MD5.
 */
export function positionOf(partitionKey: Value): number {
  return hash("md5", JSON.stringify(partitionKey), "buffer").readUInt32BE(0) / 2 ** 32;
}

/** Number of the partition, of `partitions` in all, in which a position lies. */
export function partitionAt(position: number, partitions: number): number {
  return Math.min(partitions - 1, Math.floor(position * partitions));
}

/**
 * Where a page of a Scan reads. Segments divide the hash space evenly, so a segment's page lies within the segment; only
 * DynamoDB knows how far along, so the start key's own hash decides.
 */
export function scanPosition(segment: number, totalSegments: number, startKey: Value | undefined): number {
  return (segment + (startKey ? positionOf(startKey) : 0)) / totalSegments;
}
