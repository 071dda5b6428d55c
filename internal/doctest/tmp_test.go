package doctest
import ("testing";"os";"fmt")
func TestShow(t *testing.T){
 page := os.Getenv("SHOW"); raw,_ := os.ReadFile(os.Getenv("SHOWFILE"))
 found,err := blocks(string(raw)); if err!=nil {t.Fatal(err)}
 all,err := steps(found); if err!=nil {t.Fatal(err)}
 s := newSandbox(t, worldOf(t,page), needsClone(all))
 last, err := s.run(t, all)
 for i,one := range all[:last+1] { out,errs := s.said(t,i); fmt.Printf("$ %s%s--- stderr\n%s\n", one.script,out,errs) }
 fmt.Println("ERR", err)
}
