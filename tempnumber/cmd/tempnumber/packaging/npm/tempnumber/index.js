"use strict";
// Where the program is. npm has installed the package for this platform beside this one.
const { existsSync } = require("node:fs");

/** @returns {string} */
function find() {
  const own = process.env.TEMPNUMBER_BINARY;
  if (own) {
    if (!existsSync(own)) throw new Error(`TEMPNUMBER_BINARY is ${own}, and there is no such file`);
    return own;
  }
  const { name, version, optionalDependencies } = require("./package.json");
  const platform = `@tempnumber/${process.platform}-${process.arch}`;
  if (!(platform in optionalDependencies)) {
    throw new Error(
      `${name} has no program for ${process.platform} on ${process.arch}; ` +
        "build it with Go and let TEMPNUMBER_BINARY say where it is: https://github.com/tempnumber/tempnumber-go",
    );
  }
  try {
    return require.resolve(`${platform}/bin/tempnumber${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new Error(
      `the package ${platform} is not installed. Optional dependencies were left out (--omit=optional), ` +
        `or node_modules was copied from another platform; run: npm install ${platform}@${version}`,
    );
  }
}

Object.defineProperty(exports, "path", { enumerable: true, get: find });
