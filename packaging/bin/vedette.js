#!/usr/bin/env node
import '../scripts-library/cli.js';
