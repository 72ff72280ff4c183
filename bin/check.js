#!/usr/bin/env node
require('../apps/typescript.js');
require('../test/check/run.ts');
