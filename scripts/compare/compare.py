"""Group vectors by UMAP and HDBSCAN, as BERTopic does, and score them: compare.py VECTORS DIMENSIONS CSV [MIN_SIZE ...]"""
import csv
import sys
import time

import numpy as np
import umap
from scipy.spatial import cKDTree
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score



def hdbscan(points, size):
    """HDBSCAN (Campello, Moulavi and Sander 2013), excess of mass, min_samples = min_cluster_size, -1 for outliers."""
    n = len(points)
    core = cKDTree(points).query(points, k=size)[0][:, -1]
    # The minimum spanning tree under mutual reachability, by Prim's algorithm.
    best, parent, inside = np.full(n, np.inf), np.zeros(n, int), np.zeros(n, bool)
    at, edges = 0, []
    for _ in range(n - 1):
        inside[at] = True
        reach = np.maximum(np.sqrt(((points - points[at]) ** 2).sum(1)), np.maximum(core, core[at]))
        nearer = ~inside & (reach < best)
        best[nearer], parent[nearer] = reach[nearer], at
        at = int(np.argmin(np.where(inside, np.inf, best)))
        edges.append((best[at], parent[at], at))
    # The hierarchy of joins: nodes below n are points.
    root, sizes = list(range(2 * n - 1)), [1] * n
    children, heights = {}, {}

    def find(i):
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for node, (height, a, b) in enumerate(sorted(edges), n):
        a, b = find(a), find(b)
        root[a] = root[b] = node
        children[node], heights[node] = (a, b), height
        sizes.append(sizes[a] + sizes[b])

    def leaves(node):
        stack, out = [node], []
        while stack:
            x = stack.pop()
            if x < n:
                out.append(x)
            else:
                stack.extend(children[x])
        return out

    # Condensed: a cluster goes on while but one side of a join is large enough; stability is what it holds, for how long.
    stability, below, members = {}, {}, {}
    stack = [(2 * n - 2, 0.0)]
    while stack:
        top, birth = stack.pop()
        node, stable, members[top], below[top] = top, 0.0, leaves(top), []
        while node >= n:
            density = 1 / max(heights[node], 1e-12)
            large = [c for c in children[node] if sizes[c] >= size]
            if len(large) == 1:
                stable += (density - birth) * (sizes[node] - sizes[large[0]])
                node = large[0]
                continue
            stable += (density - birth) * sizes[node]
            if len(large) == 2:
                below[top] = large
                stack.extend((c, density) for c in large)
            break
        stability[top] = stable
    chosen, value = {}, {}
    for top in sorted(below):  # children have lower numbers than their parents
        inner = sum(value[c] for c in below[top])
        if top == 2 * n - 2 or (below[top] and inner > stability[top]):
            value[top], chosen[top] = inner, [x for c in below[top] for x in chosen[c]]
        else:
            value[top], chosen[top] = stability[top], [top]
    labels = np.full(n, -1)
    for number, top in enumerate(chosen[2 * n - 2]):
        labels[members[top]] = number
    return labels


vectors = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, int(sys.argv[2]))
with open(sys.argv[3], newline="") as f:
    labels = [row[1] for row in csv.reader(f)][1:]
# Compiled code is made on first use, which is no part of the work.
umap.UMAP(n_components=5, n_neighbors=15, min_dist=0.0, metric="cosine", random_state=1).fit_transform(vectors[:200])
began = time.time()
low = umap.UMAP(n_components=5, n_neighbors=15, min_dist=0.0, metric="cosine", random_state=1).fit_transform(vectors)
projected = time.time() - began
for size in map(int, sys.argv[4:] or ["10", "30"]):
    began = time.time()
    found = hdbscan(low, size)
    took = projected + time.time() - began
    print(
        f"UMAP + HDBSCAN, min size {size}: {found.max() + 1} clusters, {100 * np.mean(found < 0):.1f} % outliers, "
        f"ARI {100 * adjusted_rand_score(labels, found):.1f}, NMI {100 * normalized_mutual_info_score(labels, found):.1f}, {took:.1f} s, of which UMAP {projected:.1f}"
    )
