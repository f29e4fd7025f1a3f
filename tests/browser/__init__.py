"""The customers' pages in a browser: without barriers, by keyboard, in few clicks."""
