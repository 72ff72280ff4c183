#!/usr/bin/env node
'use strict';
// Read by the SDK when it is loaded; its notice about Node 20 is nothing a user of ours can act on.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
require('../apps/typescript.js');
require('../apps/cli/start-main.ts');
