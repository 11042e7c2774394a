import fc from "fast-check";
import {
  ENVELOPE_CHARACTERS,
  type Packing,
  packStatements,
  ROLE_POLICY_ROOMS,
  type SizedStatement,
} from "../../../shared/infra/policyPacking";

/** A statement in its written form. Only its sizes are passed on. */
interface Written {
  Sid: string;
  Resource: string[];
  list: boolean;
}

const written = fc.record({
  Sid: fc.string({ maxLength: 200 }),
  Resource: fc.array(fc.string({ maxLength: 90 }), { maxLength: 60 }),
  list: fc.boolean(),
});
const statements = fc.array(written, { maxLength: 12 });
const rooms = fc.array(fc.integer({ min: 400, max: 2_000 }), { minLength: 1, maxLength: 12 });

const characters = (value: unknown) => JSON.stringify(value).length;
const sized = ({ Sid, Resource, list }: Written): SizedStatement => ({
  frame: characters({ Sid, Resource: [] }),
  resources: Resource.map(characters),
  list,
});
const pack = (all: readonly Written[], spaces?: readonly number[]) => packStatements(all.map(sized), spaces);

/** The policies in their written form. */
function documents(all: readonly Written[], { policies }: Packing) {
  return policies.map((parts) => ({
    Version: "2012-10-17",
    Statement: parts.map(({ statement, resources }) => ({
      Sid: all[statement]!.Sid,
      Resource: resources.map((at) => all[statement]!.Resource[at]!),
    })),
  }));
}

/** The permissions of policies, one per line. A statement without resources is a line, too. */
function permitted(all: readonly Written[], { policies }: Packing): string[] {
  return policies.flat().flatMap(({ statement, resources }) => {
    const of = all[statement]!.Resource.length;
    return of === 0 ? [`${statement}`] : resources.map((at) => `${statement} ${at}`);
  });
}

const everything = (all: readonly Written[]) =>
  all.flatMap(({ Resource }, statement) =>
    Resource.length === 0 ? [`${statement}`] : Resource.map((_, at) => `${statement} ${at}`),
  );

test("no policy is longer than its room, and the sizes are those of the JSON", () => {
  fc.assert(
    fc.property(statements, rooms, (all, spaces) => {
      const packing = pack(all, spaces);
      expect(packing.policies.length).toBeLessThanOrEqual(spaces.length);
      documents(all, packing).forEach((document, at) => {
        expect(characters(document)).toBeLessThanOrEqual(spaces[at]!);
      });
    }),
  );
});

test("if everything fits, each resource of each statement is in exactly one policy, once", () => {
  fc.assert(
    fc.property(statements, rooms, (all, spaces) => {
      const packing = pack(all, spaces);
      const there = permitted(all, packing);
      expect(new Set(there).size).toBe(there.length);
      if (packing.whole) expect(there.sort()).toEqual(everything(all).sort());
      else expect(there.length).toBeLessThan(everything(all).length);
    }),
  );
});

test("a statement that is no list stays in one piece, and each policy keeps the order of the statements", () => {
  fc.assert(
    fc.property(statements, rooms, (all, spaces) => {
      const { policies } = pack(all, spaces);
      for (const parts of policies) {
        const order = parts.map(({ statement }) => statement);
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
        for (const { statement, resources } of parts) {
          if (!all[statement]!.list) expect(resources).toEqual(all[statement]!.Resource.map((_, at) => at));
        }
      }
    }),
  );
});

test("the next policy begins only when the next resource does not fit into this one", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 60 }), (Resource) => {
      const all = [{ Sid: "Read", Resource, list: true }];
      const space = 400;
      const written = documents(all, pack(all, Array(100).fill(space)));
      written.slice(1).forEach(({ Statement: [{ Resource: following } = { Resource: [] }] }, before) => {
        const added = `,${JSON.stringify(following[0])}`;
        expect(characters(written[before]) + added.length).toBeGreaterThan(space);
      });
    }),
  );
});

test("resources added to the end of all lists change only the last policy and those after it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 })), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      (tables, added) => {
        const listing = (rows: readonly [string, string][]): Written[] => [
          { Sid: "Take", Resource: ["queue"], list: false },
          { Sid: "Tables", Resource: rows.map(([table]) => table), list: true },
          { Sid: "Keep", Resource: ["bucket"], list: false },
          { Sid: "Indexes", Resource: rows.map(([, index]) => index), list: true },
        ];
        const spaces = Array(100).fill(400);
        const [before, after] = [tables.slice(0, -added), tables].map((rows) => pack(listing(rows), spaces).policies);
        const settled = before!.length - 1;
        expect(after!.slice(0, settled)).toEqual(before!.slice(0, settled));
      },
    ),
  );
});

test("rows counts the rows that fit: this many fit, and one more does not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (size, rows) => {
      const listing = (count: number): SizedStatement[] => [
        { frame: 30, resources: Array(count).fill(size), list: true },
        { frame: 30, resources: Array(count).fill(size + 8), list: true },
      ];
      const spaces = [900, 700, 700];
      const packing = packStatements(listing(rows), spaces);
      expect(packing.whole).toBe(packing.rows === rows);
      expect(packStatements(listing(packing.rows), spaces)).toMatchObject({ rows: packing.rows, whole: true });
      if (!packing.whole) expect(packStatements(listing(packing.rows + 1), spaces).whole).toBe(false);
    }),
  );
});

describe("at the edge", () => {
  const list = (frame: number, ...resources: number[]): SizedStatement => ({ frame, resources, list: true });

  test("the last character is used", () => {
    const room = ENVELOPE_CHARACTERS + 20 + 10 + 1 + 10;
    expect(packStatements([list(20, 10, 10)], [room])).toMatchObject({ rows: 2, whole: true });
    expect(packStatements([list(20, 10, 10)], [room - 1])).toEqual({
      policies: [[{ statement: 0, resources: [0] }]],
      rows: 1,
      whole: false,
    });
  });

  test("a statement without resources is kept; without statements there is one empty policy", () => {
    const nothing = { frame: 20, resources: [], list: true };
    expect(packStatements([nothing])).toEqual({
      policies: [[{ statement: 0, resources: [] }]],
      rows: 0,
      whole: true,
    });
    expect(packStatements([])).toEqual({ policies: [[]], rows: 0, whole: true });
  });

  test("a row that fits nowhere isn't counted", () => {
    const { whole, rows } = packStatements([{ frame: 20_000, resources: [5], list: false }, list(20, 5)]);
    expect({ whole, rows }).toEqual({ whole: false, rows: 0 });
  });

  test("a role has 10,240 characters inline and ten managed policies of 6,144", () => {
    expect(ROLE_POLICY_ROOMS).toEqual([10_240, ...Array(10).fill(6_144)]);
  });
});
