/** The style sheet's colours, for drawing on a canvas. */
import { useEffect, useState } from "preact/hooks";

/** The value of a custom property such as `--text`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Changes whenever the browser changes between light and dark, so that canvases are drawn again. */
export function useColourScheme(): boolean {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = () => setDark(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return dark;
}
