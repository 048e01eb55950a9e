#!/usr/bin/env node
import '../dist/as2gw.js';
