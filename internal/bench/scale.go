package main

func (f *figures) scalePage() string { return "" }
