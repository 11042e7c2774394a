/**
 * Who may use the page's server: programs that know the token, and pages only if they come from this server.
 *
 * The token is in the fragment of the printed address, which browsers never send. The page keeps it and sends it in a
 * header. There is no cookie: cookies ignore ports, so every other server on this machine would get it, and a foreign
 * page's requests would carry it.
 */
import { bearerAuth } from "hono/bearer-auth";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

/** The check of the host rejects a foreign name that resolves to 127.0.0.1 (DNS rebinding). */
export function ownHost(port: () => number) {
  return createMiddleware(async (context, next) => {
    const own = [`127.0.0.1:${port()}`, `localhost:${port()}`];
    const host = context.req.header("host") ?? "";
    if (!own.includes(host)) return context.text("This server only answers requests to 127.0.0.1.", 403);
    const origin = context.req.header("origin");
    // Browsers send an origin with every request that changes something.
    const needed = context.req.method !== "GET" && context.req.method !== "HEAD";
    const foreign = origin === undefined ? needed : !own.some((each) => origin === `http://${each}`);
    if (foreign) return context.text("This server only answers its own page.", 403);
    return next();
  });
}

/** Everything except the page itself needs the token. */
export function withToken(token: string) {
  return bearerAuth({ token });
}

/** Nothing from elsewhere, no inline code, no frame around the page, and no copy in a cache. */
export const strictHeaders = [
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    // The server speaks HTTP to this machine only.
    strictTransportSecurity: false,
  }),
  createMiddleware(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  }),
];
