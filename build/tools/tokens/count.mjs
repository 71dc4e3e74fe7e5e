// Counts the tokens of each *.txt file in a folder by two public tokenizers, and writes them to counts.json beside the files. claude is the
// last tokenizer that Anthropic published, o200k OpenAI's newer one. Run it with: npm install --no-package-lock && npm run count
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { countTokens as claude } from '@anthropic-ai/tokenizer'
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base'

const folder = process.argv[2]
const lines = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .map((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    return `  ${JSON.stringify(name)}: ${JSON.stringify({ claude: claude(text), o200k: o200k(text) })}`
  })
writeFileSync(join(folder, 'counts.json'), `{\n${lines.join(',\n')}\n}\n`)
