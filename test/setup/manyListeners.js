// A package listens for the end of the process each time that a suite loads it. That is no leak.
process.setMaxListeners(0);
