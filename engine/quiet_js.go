package engine

// Quiet does nothing: a browser prints nothing into the program's output.
func Quiet() {}
