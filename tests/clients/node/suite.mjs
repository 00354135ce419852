// One process: the tests share one server and clear what it remembers, so that they must run one after another.
import './openai-chat.mjs';
import './openai-responses.mjs';
import './openai-batches.mjs';
import './anthropic.mjs';
import './anthropic-batches.mjs';
