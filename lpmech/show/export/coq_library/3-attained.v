(* ---- Part 2: a mechanism that satisfies every constraint -------------------------------------------------------------- *)

Section Attained.
Variable e : environment.
Variable r : requirements.
Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.

Definition holds (c : constraint) : bool := is_nonnegative (quick h q (row e r c)).
Definition balanced_at (theta : list nat) : bool := is_zero (quick h q (revenue_ e r theta)).
Definition each {A} (l : list A) (f : A -> bool) : bool := forallb f l.

Definition check_incentives : bool :=
  match ic r with
  | DSIC => each (everyone e) (fun i => each (types e i) (fun k => each (profiles e) (fun theta => holds (Dsic i theta k))))
  | BIC => each (everyone e) (fun i => each (types e i) (fun k => each (types e i) (fun k' => holds (Bic i k k'))))
  | NoIncentives => true
  end.
Definition check_participation : bool :=
  match ir r with
  | ExPost => each (everyone e) (fun i => each (profiles e) (fun theta => holds (IrExPost i theta)))
  | Interim => each (everyone e) (fun i => each (types e i) (fun k => holds (IrInterim i k)))
  | ExAnte => each (everyone e) (fun i => holds (IrExAnte i))
  | NoParticipation => true
  end.
Definition check_budget : bool :=
  match bb r with
  | NoDeficit => each (profiles e) (fun theta => holds (BudgetAt theta))
  | Balanced => each (profiles e) balanced_at
  | NoExpectedDeficit => holds BudgetExpected
  | NoBudget => true
  end.
Definition check_lottery (theta : list nat) : bool :=
  match prescribed e (rule r) theta with
  | Some f => each (outcomes e) (fun x => Qeq_bool (q theta x) (f x))
  | None =>
      each (outcomes e) (fun x => is_nonnegative (q theta x))
      && Qeq_bool (fold_right (fun x s => plus (q theta x) s) 0 (outcomes e)) 1
      && (let allowed := choices e (rule r) theta in
          each (outcomes e) (fun x => mem x allowed || is_zero (q theta x)))
  end.
Definition check_mechanism : bool :=
  check_incentives && check_participation && check_budget && each (profiles e) check_lottery.

Let t := payments e (class r) q h.

Lemma each_ok {A} (l : list A) f : each l f = true -> forall a, In a l -> f a = true.
Proof. apply forallb_forall. Qed.

Lemma holds_ok c : holds c = true -> 0 <= meaning e r h q c.
Proof. intros H. rewrite <- row_ok, <- quick_ok. now apply is_nonnegative_ok. Qed.

Lemma total_plus theta l : fold_right (fun x s => plus (q theta x) s) 0 l == total (q theta) l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|]. now rewrite plus_ok, IH. Qed.

Lemma check_mechanism_ok : check_mechanism = true -> satisfies e r t q.
Proof.
  unfold check_mechanism. intros H. apply andb_prop in H as [H HQ]. apply andb_prop in H as [H HB].
  apply andb_prop in H as [HI HP]. repeat split.
  - unfold check_incentives in HI. unfold incentive_compatible. destruct (ic r); [| |exact I].
    + intros i theta k Hi Ht Hk. apply (holds_ok (Dsic i theta k)).
      exact (each_ok _ _ (each_ok _ _ (each_ok _ _ HI i Hi) k Hk) theta Ht).
    + intros i k k' Hi Hk Hk'. apply (holds_ok (Bic i k k')).
      exact (each_ok _ _ (each_ok _ _ (each_ok _ _ HI i Hi) k Hk) k' Hk').
  - unfold check_participation in HP. unfold individually_rational. destruct (ir r); [| | |exact I].
    + intros i theta Hi Ht. apply (holds_ok (IrExPost i theta)). exact (each_ok _ _ (each_ok _ _ HP i Hi) theta Ht).
    + intros i k Hi Hk. apply (holds_ok (IrInterim i k)). exact (each_ok _ _ (each_ok _ _ HP i Hi) k Hk).
    + intros i Hi. apply (holds_ok (IrExAnte i)). exact (each_ok _ _ HP i Hi).
  - unfold check_budget in HB. unfold within_budget. destruct (bb r); [| | |exact I].
    + intros theta Ht. apply (holds_ok (BudgetAt theta)). exact (each_ok _ _ HB theta Ht).
    + intros theta Ht. pose proof (each_ok _ _ HB theta Ht) as K. unfold balanced_at in K.
      apply is_zero_ok in K. rewrite quick_ok in K. rewrite <- K. symmetry. apply revenue_ok.
    + apply (holds_ok BudgetExpected). exact HB.
  - intros theta Ht. pose proof (each_ok _ _ HQ theta Ht) as K. unfold check_lottery in K.
    destruct (prescribed e (rule r) theta) as [f|].
    + intros x Hx. apply Qeq_bool_iff. exact (each_ok _ _ K x Hx).
    + apply andb_prop in K as [K KS]. apply andb_prop in K as [KN KT]. repeat split.
      * intros x Hx. apply is_nonnegative_ok. exact (each_ok _ _ KN x Hx).
      * rewrite <- total_plus. now apply Qeq_bool_iff.
      * intros x Hx Hn. pose proof (each_ok _ _ KS x Hx) as Z. cbn in Z. apply orb_prop in Z as [Z|Z].
        -- elim Hn. now apply mem_ok.
        -- now apply is_zero_ok.
Qed.
End Attained.

Theorem attained (e : environment) (r : requirements) (h : nat -> list nat -> Q) (q : list nat -> nat -> Q) :
  check_mechanism e r h q = true -> satisfies e r (payments e (class r) q h) q.
Proof. apply check_mechanism_ok. Qed.

Corollary found e r h q : satisfies e r (payments e (class r) q h) q -> mechanism_exists e r.
Proof. intros H. now exists h, q. Qed.
