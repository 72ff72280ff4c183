#!/usr/bin/env node
require('tsx/cjs');
require('../test/check/run.ts');
