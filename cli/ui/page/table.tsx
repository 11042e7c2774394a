// biome-ignore-all lint/a11y/noRedundantRoles: they are not redundant on a phone
/**
 * Tables with explicit roles. On a phone, CSS shows each row as a card, and a browser may drop the roles of a table that isn't
 * displayed as one.
 */
import type { ComponentChildren } from "preact";

interface Column {
  readonly name: ComponentChildren;
  /** Default false. */
  readonly right?: boolean;
}

/** @param kind how a row looks on a phone: a class in main.css. @param columns names, from left to right */
export function Table({
  kind,
  columns,
  children,
}: {
  kind: "jobs" | "cards" | "records";
  columns: readonly Column[];
  children: ComponentChildren;
}) {
  return (
    <table class={kind} role="table">
      <thead role="rowgroup">
        <Row>
          {columns.map(({ name, right = false }, index) => (
            <th key={index} scope="col" role="columnheader" class={right ? "right" : undefined}>
              {name}
            </th>
          ))}
        </Row>
      </thead>
      <tbody role="rowgroup">{children}</tbody>
    </table>
  );
}

export function Row({ children }: { children: ComponentChildren }) {
  return <tr role="row">{children}</tr>;
}

interface CellProps {
  /** The column's name, which stands beside the value on a card of the kind `cards`. */
  readonly label?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** The cell that names its row. */
export function RowHeader({ label, children, ...props }: CellProps) {
  return (
    <th {...props} scope="row" role="rowheader" data-label={label}>
      {children}
    </th>
  );
}

export function Cell({ label, children, ...props }: CellProps & { readonly colSpan?: number }) {
  return (
    <td {...props} role="cell" data-label={label}>
      {children}
    </td>
  );
}
