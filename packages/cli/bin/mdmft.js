#!/usr/bin/env node
import '../dist/mdmft.js';
