"""Makes models of every kind that the tests score: models.py FOLDER."""
import pathlib
import pickle
import sys
import warnings

import joblib
import lightgbm
import numpy as np
import onnx
from skl2onnx import to_onnx
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import SGDOneClassSVM
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, OneClassSVM

warnings.filterwarnings("ignore")
folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(1)
for n in range(24):
    X = rng.normal(10 + n, 1 + n / 10, (80, 2))
    model = make_pipeline(StandardScaler(), OneClassSVM(kernel="rbf", gamma=0.3, nu=0.1)).fit(X)
    with open(folder / f"svm-{n}.pkl", "wb") as file:
        if n % 2:
            pickle.dump(model, file)
        else:
            joblib.dump(model, file)
X = rng.normal(10, 1, (400, 2))
joblib.dump(IsolationForest(n_estimators=20, random_state=1).fit(X), folder / "forest.pkl")
joblib.dump(make_pipeline(LocalOutlierFactor(novelty=True)).fit(X), folder / "lof.pkl")
joblib.dump(EllipticEnvelope(random_state=1).fit(X), folder / "elliptic.pkl")
joblib.dump(make_pipeline(StandardScaler(), SGDOneClassSVM(random_state=1)).fit(X), folder / "sgd.pkl")
joblib.dump(SVC().fit(X, X[:, 0] > 11), folder / "classifier.pkl")
svm = make_pipeline(StandardScaler(), OneClassSVM(kernel="rbf", gamma=0.3, nu=0.1)).fit(X)
joblib.dump(svm, folder / "svm.pkl")
(folder / "model.onnx").write_bytes(to_onnx(svm, X[:1].astype(np.float32), target_opset=15).SerializeToString())
# A network with one number for each row: 12 less the first feature, so that more than 12 is an anomaly.
f, h = onnx.TensorProto.FLOAT, onnx.helper
graph = h.make_graph(
    [h.make_node("MatMul", ["x", "w"], ["y"]), h.make_node("Add", ["y", "b"], ["score"])], "net",
    [h.make_tensor_value_info("x", f, [None, 2])], [h.make_tensor_value_info("score", f, [None, 1])],
    [h.make_tensor("w", f, [2, 1], [-1.0, 0.0]), h.make_tensor("b", f, [1], [12.0])])
(folder / "net.onnx").write_bytes(h.make_model(graph, opset_imports=[h.make_opsetid("", 15)], ir_version=8).SerializeToString())
y = (X[:, 0] > 11).astype(int)
booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}, lightgbm.Dataset(X, y), 20)
booster.save_model(folder / "booster.txt")
