/** Leaves texts for people alone: a sentence that reads otherwise is no fault that a test ought to find. */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

const SEVERAL_WORDS = /\S\s+\S/;

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "prose", {
    shouldIgnore({ node }) {
      const text =
        node.type === "StringLiteral"
          ? node.value
          : node.type === "TemplateLiteral"
            ? node.quasis.map(({ value }) => value.raw).join("x")
            : "";
      return SEVERAL_WORDS.test(text) ? "a text for people" : undefined;
    },
  }),
];
