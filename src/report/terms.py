"""What the words of a report mean, for readers without statistics: two sentences, and what is good.

Every word, metric and chart of the pages that needs an explanation has one here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One explanation. Texts hold the words of the data in braces, as `Words.fill` takes them.

    Attributes:
        name: What is explained.
        text: Two sentences.
        good: What follows after "Good here means".
        drawing: A key of `drawings.SHAPES`.
        words: How pages name it, in small letters where a sentence would not begin with it.
        metrics: Names of the metrics that it explains.
        charts: Names of the charts that it explains.
        exactly: Formula, method and reference for readers who know statistics; may be empty.
    """

    name: str
    text: str
    good: str
    drawing: str
    words: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    exactly: str = ""


_METRICS = (
    Term(
        "Margin",
        "The mean cosine of {positive} pairs minus the mean cosine of {negative} pairs. It says how far the two kinds "
        "lie apart, not how much they overlap.",
        "above 0, with the whole interval above 0; how large it can get differs from model to model",
        "margin",
        words=("margin",),
        metrics=("compatibility_margin",),
    ),
    Term(
        "Cohen's d",
        "The margin in units of the scatter: 1 means that the two means lie as far apart as the cosines of one label "
        "usually differ from each other. So models whose cosines have different scales can be compared.",
        "0.8 or more, which is often called large; 0 is no difference, below 0 the order is upside down",
        "effect",
        words=("Cohen's d", "effect size"),
        metrics=("cohens_d",),
        charts=("cohens_d",),
        exactly="The margin divided by the pooled standard deviation. Its t and p are Welch's.",
    ),
    Term(
        "AUC-ROC",
        "Draw one {positive} pair and one {negative} pair at random: the AUC is the chance that the {positive} one has "
        "the higher cosine. It needs no threshold, and 0.5 is guessing.",
        "0.8 or more, with the whole interval above 0.5; below 0.5 the order is upside down",
        "area",
        words=("AUC-ROC", "AUC"),
        metrics=("auc_roc",),
        exactly="The area below the ROC curve; equal cosines count one half.",
    ),
    Term(
        "Average precision",
        "Sort the pairs by cosine, and at each {positive} pair note which share of the pairs so far is {positive}: the "
        "mean of these shares is the average precision. It rewards a model whose highest cosines are right.",
        "near 1; guessing gives the share of {positive} pairs",
        "sorted",
        words=("average precision",),
        metrics=("average_precision",),
        exactly="Mean precision over all thresholds, weighted by the gain in recall.",
    ),
    Term(
        "Spearman",
        "It compares two orders, that of the cosines and that of the labels: 1 is the same order, 0 has nothing in "
        "common, -1 is upside down. Pairs with the same label keep even a perfect model below 1, at the ceiling that "
        "the page names.",
        "close to the ceiling, with the whole interval above 0",
        "scatter",
        words=("Spearman",),
        metrics=("spearman_correlation",),
        exactly="Rank correlation of cosine and label, or grade.",
    ),
    Term(
        "Cluster purity",
        "Clusters are dense groups of points on the map, and purity is the share of their points that carry the label "
        "of most points of their own cluster. Small clusters look pure by luck, so the purity under shuffled labels "
        "stands beside it.",
        "far above the purity under shuffled labels; the distance counts, not the number",
        "clusters",
        words=("cluster purity", "purity"),
        metrics=("cluster_purity",),
        charts=("purity",),
        exactly="Clusters are HDBSCAN's on the map. Shuffled purity is the mean over 200 shuffles of the labels.",
    ),
    Term(
        "FP rate at 95 % recall",
        "Lower the threshold until 95 % of the {positive} pairs are found: this is the share of the {negative} pairs "
        "that come through with them. It compares models whose cosines have different scales.",
        "low; 0.95 is guessing",
        "false-positive-rate",
        words=("FP rate at 95 % recall",),
        metrics=("false_positive_rate_at_95_recall",),
    ),
    Term(
        "F1",
        "Precision and recall in one number that is high only if both are high. A rule that calls every pair "
        "{positive} can have a high F1 too, so look at the false positives beside it.",
        "clearly above the F1 of calling every pair {positive}",
        "mistakes",
        words=("F1",),
        metrics=("f1",),
        exactly="Harmonic mean of precision and recall at the operating threshold.",
    ),
    Term(
        "Pearson",
        "It says how well a straight line describes the cosines over the grades: 1 is a rising line, 0 is no line. One "
        "pair far from all others can change it a lot.",
        "near 1, with the whole interval above 0",
        "scatter",
        words=("Pearson",),
        metrics=("pearson_correlation",),
        exactly="Linear correlation of cosine and grade.",
    ),
    Term(
        "Concordance",
        "Draw two pairs with different grades at random: it is the chance that the one with the higher grade has the "
        "higher cosine. 0.5 is guessing, and with two labels it is the AUC.",
        "0.8 or more, with the whole interval above 0.5",
        "sorted",
        words=("concordance",),
        metrics=("concordance",),
    ),
    Term(
        "Slope",
        "How much the cosine rises when the grade rises by one. Near 0 the cosine hardly follows the grade.",
        "above 0, with the whole interval above 0; steeper is not better by itself",
        "scatter",
        words=("slope",),
        metrics=("grade_slope",),
        exactly="By least squares.",
    ),
    Term(
        "Top less bottom third",
        "The mean cosine of the third of the pairs with the highest grades minus that of the third with the lowest. It "
        "is the margin of graded labels.",
        "above 0, with the whole interval above 0",
        "third",
        words=("top less bottom third",),
        metrics=("thirds_margin",),
    ),
    Term(
        "Eta squared",
        "How much of the differences between grades the clusters of the map explain, from 0 (nothing) to 1 (all). Many "
        "small clusters explain something by luck, so the value under shuffled grades stands beside it.",
        "far above the value under shuffled grades",
        "eta",
        words=("eta squared",),
        metrics=("eta_squared",),
        exactly="Share of the variance of the grades that lies between the clusters, which are HDBSCAN's on the map. "
        "Shuffled is the mean over 200 shuffles of the grades.",
    ),
)

_CHARTS = (
    Term(
        "Histogram of cosines",
        "It shows how many pairs of each label have which cosine. Where the two shapes overlap, no threshold tells the "
        "labels apart.",
        "two shapes side by side with little overlap, {positive} on the right",
        "histogram",
        charts=("cosine_distributions",),
    ),
    Term(
        "ROC curve",
        "Lower the threshold step by step: the curve goes up with each {positive} pair that is found and to the right "
        "with each {negative} pair that comes through. The area below it is the AUC.",
        "a curve that rises steeply on the left, far above the diagonal of guessing",
        "roc",
        words=("ROC curve", "ROC curves"),
        charts=("roc",),
        exactly="The band is the interval of the true positive rate at each false positive rate.",
    ),
    Term(
        "Map (UMAP)",
        "A model turns each pair into hundreds of numbers, and UMAP draws them as one point, so that pairs with "
        "similar numbers lie close together. Only neighbours mean something: long distances and the axes do not.",
        "{positive} and {negative} pairs in different places; it is a picture to look at, no number depends on it but "
        "clusters and purity",
        "map",
        words=("UMAP",),
        charts=("umap_by_label", "umap", "umap_by_category"),
        exactly="UMAP to two dimensions (cosine, min_dist 0.1, seed {seed}). A point is a pair: its two unit-length "
        "embeddings, one after the other. A trained model's map starts from the baseline's.",
    ),
    Term(
        "Clusters (HDBSCAN)",
        "HDBSCAN finds groups of points that lie close together, and does not know the labels. Points that lie alone "
        "belong to no cluster and are called noise.",
        "clusters of one colour and little noise",
        "clusters",
        words=("HDBSCAN",),
        charts=("clusters",),
    ),
    Term(
        "Slice",
        "A part of the pairs: one category, or the pairs that share no text with train. A good mean can hide a part "
        "that got worse, so each part is measured by itself.",
        "no slice far below the others, by its interval and not by its number alone",
        "slices",
        words=("slice", "slices", "groups of the challenge set"),
        charts=("margins_by_category", "margins_by_pair_type", "margin_heatmap"),
    ),
    Term(
        "False positives",
        "A false positive is a pair labelled {negative} that the model calls {positive}. The chart shows which kinds "
        "of pairs mislead it.",
        "short bars; a long one names the kind of pairs to collect more of",
        "false-positive-rate",
        words=("false positive", "false positives"),
        charts=("false_positives_by_pair_type",),
    ),
    Term(
        "Grade",
        "A label with more than two steps, for example from 0 (nothing in common) to 5 (the same). A good model gives "
        "a higher cosine to a higher grade.",
        "means that rise from grade to grade, with boxes that hardly overlap",
        "grade",
        charts=("cosine_by_grade",),
    ),
    Term(
        "Seeds",
        "A training starts from random numbers, and the seed says which. Another seed gives another model of the same "
        "recipe, so several seeds show how much of a gain is luck.",
        "dots close together, all of them better than the base model",
        "seeds",
        words=("seed", "seeds"),
        charts=("seeds",),
        exactly="Interval: over seeds and pairs together.",
    ),
    Term(
        "Training curve",
        "The training loss falls as the model fits its train pairs; Spearman shows how well it orders pairs that it "
        "does not learn from. Where the loss still falls and Spearman does not rise, the model learns its train pairs "
        "by heart.",
        "a Spearman that rises and then stays, with the kept step before it falls",
        "curve",
        words=("training curves", "training loss"),
        charts=("training_curves",),
    ),
)

_MORE_CHARTS = (
    Term(
        "Movement",
        "Sort all pairs by cosine: the percentile of a pair is the share of pairs below it. The chart compares it "
        "before and after the training, so it needs no threshold.",
        "{positive} pairs that move up and {negative} pairs that move down",
        "percentiles",
        words=("percentile", "percentiles"),
        charts=("movement",),
        exactly="The share of the pairs with a lower cosine, in percent.",
    ),
    Term(
        "Expected cost",
        "What wrong calls cost on average for one pair, at each threshold, with the costs that you named. The two flat "
        "rules beside it, accept all pairs and reject all, show what a model has to beat.",
        "a lowest point clearly below both flat rules",
        "cost",
        words=("expected cost",),
        charts=("expected_cost",),
        exactly="The threshold that the costs ask for calls a pair {positive} where its probability is at least c_FP / "
        "(c_FP + c_FN). Another share of {positive} pairs moves the log-odds by the difference of their log-odds.",
    ),
    Term(
        "Reliability",
        "A cosine can be turned into a probability; the chart asks whether it keeps its word. Of the pairs that get "
        "70 %, about 70 of 100 should be {positive}.",
        "points near the diagonal",
        "reliability",
        words=("reliability", "Brier score"),
        charts=("reliability",),
        exactly="The Brier score is the mean squared error of the probabilities: 0 is perfect.",
    ),
    Term(
        "From train to the challenge set",
        "The same score on three files: the pairs that the model learned from, other pairs like them, and pairs in "
        "another wording. Each step down is a part of the score that does not carry over.",
        "a line that hardly falls, far above the line of guessing",
        "slopes",
        charts=("slopes",),
    ),
    Term(
        "Learning curve",
        "The same recipe is trained on more and more of the train pairs, and the score is drawn over their number. "
        "Where the curve still rises at its end, more pairs of the same kind should help.",
        "a curve that is flat at its end, or one that says how many pairs to collect",
        "curve",
        words=("learning curve",),
        charts=("learning_curve",),
    ),
)

_NUMBERS = (
    Term(
        "Cosine",
        "A model turns a text into an arrow with hundreds of numbers, its embedding, and the cosine compares the "
        "directions of two arrows: 1 is the same direction, 0 has nothing in common. A pair is called {positive} when "
        "its cosine is at least the threshold.",
        "high for {positive} pairs and low for {negative} ones",
        "cosine",
        words=("cosine", "embedding", "embeddings"),
    ),
    Term(
        "Intervals",
        "Other pairs of the same kind would give a slightly different number: the 95 % interval is the range to expect."
        " Of 100 such ranges about 95 hold the true value.",
        "a narrow interval that lies wholly on the good side of the limit",
        "interval",
        words=("95 % interval", "95 % intervals", "interval", "intervals"),
        exactly="From the influence of each pair on the number. They allow for texts that several pairs share: two "
        "pairs with a common text may be alike. The interval of a paired difference is made from those of both sides "
        "and their correlation; that of a false positive rate is Wilson's. There is none with fewer than 5 pairs of a "
        "label, or where the texts count as fewer than 30.",
    ),
    Term(
        "Paired difference",
        "Both models score the very same pairs, and their numbers are compared pair by pair. What is hard for both "
        "cancels out, so that a small gain can be seen.",
        "a whole interval above 0, for error rates below 0",
        "difference",
        words=("paired", "differences"),
    ),
    Term(
        "Clustered interval",
        "A second interval, which allows for pairs of one cluster, such as all pairs of one author, to be alike. It is "
        "wider where they are.",
        "that it leads to the same answer as the first interval",
        "component",
        words=("clustered by",),
    ),
    Term(
        "Effective number",
        "Pairs that share texts say the same thing twice, so they count as fewer than there are. The effective number "
        "is how many pairs without common texts would say as much.",
        "close to the number of pairs, and at least 30",
        "effective",
        words=("effective number", "count as fewer"),
    ),
    Term(
        "p",
        "How often luck alone would show a difference this large if there were none. A small p speaks against luck, "
        "it does not say that the difference is large.",
        "below 0.05, for a difference that was named beforehand",
        "overlap",
        words=("p",),
    ),
    Term(
        "Welch's t",
        "The margin divided by how uncertain it is. The farther from 0, the less it can be luck.",
        "above 2, roughly",
        "margin",
        words=("Welch's t",),
    ),
    Term(
        "False discovery rate (FDR)",
        "Who looks at many slices finds some large difference by luck. The rate is the share of such false alarms to "
        "expect among all differences that look at least as good as this one.",
        "below 0.05; the table then says that the difference survives",
        "intervals",
        words=("FDR", "false discovery rate"),
        exactly="Benjamini and Hochberg, 1995.",
    ),
    Term(
        "Drawn to the mean",
        "The largest of many differences is large in part by luck. This number takes the luck back: it moves each "
        "difference towards their mean, the farther the fewer pairs it has.",
        "that it still lies on the side that you hope for",
        "shrunk",
        words=("drawn to the mean",),
        exactly="Empirical Bayes.",
    ),
    Term(
        "n/a",
        "A number that is not defined on these pairs, because they have one label only or are too few. It is never "
        "written as 0.",
        "few of them, each with its reason",
        "missing",
        words=("n/a",),
    ),
)

_THRESHOLDS = (
    Term(
        "Operating threshold",
        "The cosine from which on a pair is called {positive}. It was fitted on other pairs than those that are "
        "measured here, as it would be in use.",
        "most {positive} pairs above it and most {negative} pairs below",
        "threshold",
        words=("operating threshold", "threshold"),
        exactly="The cosine with the best F1 on the training pairs, or on those of a validation file that chose the "
        "model, applied to the eval pairs.",
    ),
    Term(
        "Oracle threshold",
        "The best threshold for the very pairs that are measured. Nobody can know it beforehand, so its numbers are "
        "too good.",
        "little better than the operating threshold",
        "oracle",
        words=("oracle threshold",),
        exactly="The cosine with the best F1 on the eval pairs themselves.",
    ),
    Term(
        "Threshold by cost",
        "You say what a false positive and a false negative cost, and it is the threshold that should cost least. It "
        "comes from the chance of a label at each cosine, learned on other pairs than those that are measured.",
        "a cost below that of accepting all pairs and of rejecting all",
        "cost",
        words=("threshold by cost", "cost a pair"),
        exactly="Logistic regression of the label on the cosine. A base rate, the share of {positive} pairs in "
        "use, moves its log-odds.",
    ),
    Term(
        "TP, FP, FN, TN",
        "Answers at the threshold by what they are: true or false, positive or negative. TP and TN are right; an FP is "
        "a pair labelled {negative} that is called {positive}, an FN the other way round.",
        "few FP and few FN; your costs say which hurts more",
        "mistakes",
        words=("TP",),
    ),
    Term(
        "Precision",
        "Of the pairs that are called {positive}, the share that really is. It falls when the model calls too much "
        "{positive}.",
        "near 1; guessing gives the share of {positive} pairs",
        "precision",
        words=("precision",),
    ),
    Term(
        "Recall",
        "Of the pairs labelled {positive}, the share that is found. Calling every pair {positive} gives 1, so look at "
        "precision too.",
        "near 1, together with a high precision",
        "recall",
        words=("recall", "true positive rate"),
    ),
    Term(
        "FP rate",
        "Of the pairs labelled {negative}, the share that is called {positive}. It is 1 for a model that calls every "
        "pair {positive}.",
        "near 0, together with a high recall",
        "false-positive-rate",
        words=("FP rate", "false positive rate"),
    ),
    Term(
        "Accuracy",
        "Of all pairs, the share that is called right. Where one label is rare, a rule that never calls it is right "
        "most of the time.",
        "clearly above the share of the more frequent label",
        "accuracy",
        words=("accuracy",),
    ),
)

_SPACE = (
    Term(
        "Alignment",
        "How far the two texts of {positive} pairs lie apart in the space of the model, on average. It is 0 if both "
        "always lie on the same place.",
        "low, while uniformity stays low as well",
        "alignment",
        words=("alignment",),
        exactly="Mean squared distance of {positive} pairs (0 to 4): Wang and Isola, 2020.",
    ),
    Term(
        "Uniformity",
        "How evenly the texts spread over the space: 0 if all lie in one place, about -4 if they spread as far as they "
        "can. A model that puts all texts in one place has a perfect alignment and is useless.",
        "well below 0 and not far above the base model's",
        "space",
        words=("uniformity",),
        exactly="Log mean Gaussian potential: Wang and Isola, 2020.",
    ),
    Term(
        "Effective rank",
        "In how many directions the texts really differ. A training that goes wrong squeezes them into a few.",
        "not far below the base model's",
        "rank",
        words=("effective rank",),
        exactly="Exponential of the entropy of the singular values: Roy and Vetterli, 2007.",
    ),
    Term(
        "Cosine of random pairs",
        "The mean cosine of texts that were put together at random. If even these are near 1, the model no longer "
        "tells texts apart.",
        "near 0, and not much higher than before the training",
        "cosine",
        words=("cosine of random pairs",),
    ),
    Term(
        "Change of the embeddings",
        "How far the training moved the numbers that the model gives to a text. No change at all means that the "
        "training did nothing.",
        "more than 0; how much is right, only the scores say",
        "difference",
        words=("largest change of a coordinate", "mean cosine to the base", "weights changed"),
    ),
)

_TRUST = (
    Term(
        "Decision",
        "Each test of the decision asks whether a whole interval reaches a limit: it passes, fails, or is open. SHIP "
        "needs all to pass, one failure says DO NOT SHIP, and else the answer is CANNOT TELL.",
        "that every test passes, on pairs like those the model will meet",
        "decision",
        words=("decision",),
    ),
    Term(
        "Base model",
        "The model as others trained it on general text, before it saw any of these pairs. Every gain on this page is "
        "a gain over it.",
        "that the trained model beats it, with the whole interval",
        "base",
        words=("base model", "baseline"),
    ),
    Term(
        "LoRA",
        "A training that leaves the model as it is and learns small tables of numbers beside some of its layers. The "
        "result is a small file, and it usually needs a higher learning rate.",
        "scores like those of the full training",
        "lora",
        words=("LoRA", "trained parameters"),
    ),
    Term(
        "Train and eval pairs",
        "The model learns from the train pairs and is measured on the eval pairs, also called test pairs. On the pairs "
        "that it learned from, every model looks better than it is.",
        "eval pairs that look like those in use, and no text that stands in both files",
        "two-files",
        words=("eval pairs", "test pairs", "train pairs"),
    ),
    Term(
        "Challenge set",
        "Pairs in another wording than the train pairs, which no training sees. They show whether the model learned "
        "the meaning or only the style of its train pairs.",
        "an AUC above 0.5, and no lower than before the training",
        "three-files",
        words=("challenge set", "challenge pairs"),
    ),
    Term(
        "Shallow baseline",
        "A simple rule without any embedding, which looks at common words, lengths or the category alone. If it does "
        "as well as the model, the labels can be guessed from the surface, and a high score proves little.",
        "a model that beats the best of them, with the whole interval of the difference above 0",
        "shallow",
        words=("shallow baseline", "shallow baselines"),
    ),
    Term(
        "Leakage",
        "Pairs or texts of the eval file that also stand in the train file. The model may remember them, so its score "
        "looks better than it will be on new pairs.",
        "no copies, and the same score on the pairs that share no text with train",
        "leakage",
        words=("leakage", "copied from train", "no text shared with train", "copies of train pairs"),
    ),
    Term(
        "Component of shared texts",
        "Pairs that share a text, directly or through other pairs, form one component. Whoever divides the pairs keeps "
        "each component on one side, so that no text stands on both.",
        "many small components",
        "component",
        words=("component", "components"),
    ),
    Term(
        "Forgetting",
        "A model that learns your pairs can get worse at all others. A guard is a set of pairs of another kind that is "
        "measured before and after, to see it.",
        "a change near 0, with the whole interval above the loss that you allow",
        "forgetting",
        words=("forgetting", "guard", "general English"),
    ),
    Term(
        "Learnability",
        "Whether the labels follow any rule: a simple model learns from a part of the train pairs and is tried on the "
        "rest. If shuffled labels give a score as good, the labels look random.",
        "a score above the highest with shuffled labels",
        "learnability",
        words=("learnability",),
    ),
    Term(
        "Audit",
        "Checks of the data itself: copies, labels that contradict each other, words that give the label away. A "
        "blocker means that no score can be trusted before it is repaired.",
        "no blocker, and no warning that explains the gain",
        "audit",
        words=("audit",),
    ),
    Term(
        "Target",
        "A number that was written down before the first training, to be met or not. So nobody chooses the goal after "
        "seeing the result.",
        "met, with the whole interval beyond the target",
        "target",
        words=("target", "targets"),
    ),
    Term(
        "Kept step",
        "The training is measured from time to time, and the weights of its best moment are kept. The best of many "
        "looks a little better than it is, because luck helped to choose it.",
        "chosen on validation pairs, which are not those that are measured",
        "checkpoint",
        words=("kept step", "checkpoint"),
    ),
    Term(
        "Step, epoch and learning rate",
        "A step corrects the weights after a few pairs, and an epoch is one pass through all train pairs. The learning "
        "rate says how large a correction is: too small learns nothing, too large forgets what the model knew.",
        "a loss that falls without jumps",
        "steps",
        words=("step", "epoch", "epochs", "learning rate"),
    ),
    Term(
        "Prompt",
        "A short text that is put before each text that the model reads. Some models were trained with one and are "
        "worse without it.",
        "the prompt that the model was trained with",
        "prompt",
        words=("prompt", "prompts"),
    ),
    Term(
        "Classes",
        "Labels that are words, such as entailment, neutral and contradiction, put in an order. The AUC of each two "
        "says how well the cosine tells these two apart.",
        "0.8 or more for each two classes, with the whole interval above 0.5",
        "class",
        words=("each two classes",),
    ),
    Term(
        "Fixed and broken pairs",
        "A pair is fixed if the base model calls it wrong and the trained model right, and broken the other way round. "
        "Each model uses its own operating threshold.",
        "many more fixed than broken",
        "fixed",
        words=("fixed", "broken"),
    ),
    Term(
        "Fingerprint (SHA-256)",
        "A short code made from all bytes of a file: the same file always gives the same code, any change gives "
        "another. It shows whether two reports are about the same files.",
        "the same code in the reports that you compare",
        "fingerprint",
        words=("SHA-256", "fingerprint of all inputs"),
    ),
)

TERMS = (*_METRICS, *_CHARTS, *_MORE_CHARTS, *_NUMBERS, *_THRESHOLDS, *_SPACE, *_TRUST)
