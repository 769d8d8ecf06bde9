"""Group vectors by UMAP and HDBSCAN, as BERTopic does, and score them: compare.py VECTORS DIMENSIONS CSV [MIN_SIZE ...]"""
import csv
import sys
import time

import numpy as np
import umap
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

try:
    from sklearn.cluster import HDBSCAN
except ImportError:
    from hdbscan import HDBSCAN

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
    found = HDBSCAN(min_cluster_size=size).fit_predict(low)
    took = projected + time.time() - began
    print(
        f"UMAP + HDBSCAN, min size {size}: {found.max() + 1} clusters, {100 * np.mean(found < 0):.1f} % outliers, "
        f"ARI {100 * adjusted_rand_score(labels, found):.1f}, NMI {100 * normalized_mutual_info_score(labels, found):.1f}, {took:.1f} s"
    )
