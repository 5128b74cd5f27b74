// SPDX-License-Identifier: Apache-2.0
// node schema.mjs SCHEMA DOCUMENT...: each document against a JSON Schema (2020-12); ends 1 with what is wrong.
import fs from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const [schema, ...documents] = process.argv.slice(2);
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(read(schema));
let wrong = 0;
for (const document of documents) {
  if (validate(read(document))) continue;
  wrong = 1;
  for (const error of validate.errors) console.log(`${document}${error.instancePath}: ${error.message}`);
}
process.exit(wrong);
