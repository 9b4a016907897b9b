// What the networks' own published parsers say of texts: a JSON string a line in, an object a line out.
//
// twitter-text 3.1.0 (Apache-2.0) for X; @atproto/api (MIT or Apache-2.0) for Bluesky. Offsets are UTF-8 bytes there
// and UTF-16 units here, as each library counts.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const require = createRequire(pathToFileURL(`${folder}/`));
const twitter = require("twitter-text");
const { RichText, UnicodeString } = require("@atproto/api");

// One text after the other.
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const text = JSON.parse(line);
  const unicode = new UnicodeString(text);
  const parsed = (twitter.default ?? twitter).parseTweet(text);
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  console.log(JSON.stringify({
    weighted: parsed.weightedLength,
    graphemes: unicode.graphemeLength,
    bytes: unicode.length,
    facets: (rich.facets ?? []).map(({ index, features: [feature] }) => [
      index.byteStart, index.byteEnd, feature.$type.split("#")[1], feature.uri ?? feature.did ?? feature.tag,
    ]),
  }));
}
