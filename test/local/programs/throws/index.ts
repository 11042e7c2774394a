throw new RangeError("the program's own mistake");
