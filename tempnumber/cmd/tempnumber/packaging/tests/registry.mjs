// A registry of npm packages for tests: it serves the tarballs of some directories on the loopback interface
// and prints its URL. What is not there is not found, so nothing comes from anywhere else.
// usage: node registry.mjs DIR...
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";

const packages = new Map(); // documents by name
const tarballs = new Map(); // files by path
for (const dir of process.argv.slice(2)) {
  for (const name of readdirSync(dir).filter((file) => file.endsWith(".tgz"))) {
    const path = join(dir, name);
    const [top] = String(execFileSync("tar", ["-tzf", path])).split("/"); // "package", by most
    const manifest = JSON.parse(execFileSync("tar", ["-xzOf", path, `${top}/package.json`]));
    const data = readFileSync(path);
    tarballs.set(`/tarballs/${basename(path)}`, data);
    manifest.dist = {
      integrity: `sha512-${createHash("sha512").update(data).digest("base64")}`,
      path: `/tarballs/${basename(path)}`,
    };
    packages.set(manifest.name, manifest);
  }
}

const asked = []; // the tarballs that were downloaded
const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url);
  const manifest = packages.get(path.slice(1));
  if (path === "/asked") {
    response.end(JSON.stringify(asked));
  } else if (tarballs.has(path)) {
    asked.push(basename(path));
    response.end(tarballs.get(path));
  } else if (manifest) {
    const dist = { integrity: manifest.dist.integrity, tarball: `http://${request.headers.host}${manifest.dist.path}` };
    const document = { name: manifest.name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(document));
  } else {
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
