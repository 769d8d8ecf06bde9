package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// keys are the fields by which the elements of a document's lists are known. An index says nothing once another topic
// stands before it.
var keys = []string{"excerpt", "feature", "id", "name"}

// leaves gives every single fact of a snapshot and of its statistics under a path that says what it is of:
// "snapshot/clusters/C12/now/items" and not "/snapshot/clusters/3/now/items". pointers gives the path of each pointer.
func (f *facts) leaves() (values map[string]any, pointers map[string]string) {
	values, pointers = map[string]any{}, map[string]string{}
	var walk func(pointer, path string, node any)
	walk = func(pointer, path string, node any) {
		switch v := node.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
				walk(pointer+"/"+escaped, path+"/"+name, v[name])
			}
			return
		case []any:
			for i, e := range v {
				p := pointer + "/" + strconv.Itoa(i)
				own := f.entity(p)
				if own == f.entity(pointer) {
					own = "" // a list within: its elements are of one entity and no entity each
				}
				walk(p, path+"/"+cmp.Or(own, elementName(i, e)), e)
			}
			return
		case json.Number:
			number, _ := v.Float64()
			values[path[1:]] = number
		case nil:
			return
		default:
			values[path[1:]] = v
		}
		pointers[pointer] = path[1:]
	}
	walk("", "", f.tree)
	return values, pointers
}

func elementName(i int, e any) string {
	if fields, ok := e.(map[string]any); ok {
		for _, key := range keys {
			if v, ok := fields[key]; ok {
				return fmt.Sprint(v)
			}
		}
	}
	return strconv.Itoa(i)
}
