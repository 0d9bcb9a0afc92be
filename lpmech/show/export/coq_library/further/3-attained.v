(* ---- Part 2: a mechanism that satisfies every requirement ------------------------------------------------------------- *)

Definition each {A} (l : list A) (f : A -> bool) : bool := forallb f l.
Lemma each_ok {A} (l : list A) f : each l f = true -> forall a, In a l -> f a = true.
Proof. apply forallb_forall. Qed.

Lemma in_replace theta ls i k : In theta (cartesian ls) -> In k (nth i ls []) -> In (replace theta i k) (cartesian ls).
Proof.
  intros H K. apply in_members in H. apply members_ok.
  revert theta i H K. induction ls as [|l ls IH]; intros [|j theta] [|i] H K; cbn in *; try discriminate; try easy.
  - apply andb_prop in H as [_ H]. now rewrite (in_mem k l K), H.
  - apply andb_prop in H as [J H]. rewrite J. now apply IH.
Qed.
Lemma own_replace theta ls i k : In theta (cartesian ls) -> In k (nth i ls []) -> nth i (replace theta i k) O = k.
Proof.
  intros H K. apply in_members in H.
  revert theta i H K. induction ls as [|l ls IH]; intros [|j theta] [|i] H K; cbn in *; try discriminate; try easy.
  apply andb_prop in H as [_ H]. now apply IH.
Qed.
Lemma replace_twice {A} (l : list A) i k j : replace (replace l i k) i j = replace l i j.
Proof. revert i. induction l as [|a l IH]; intros [|i]; cbn; try reflexivity. now rewrite IH. Qed.
Lemma own_in theta ls i k : In theta (cartesian ls) -> In k (nth i ls []) -> In (nth i theta O) (nth i ls []).
Proof.
  intros H K. apply in_members in H.
  revert theta i H K. induction ls as [|l ls IH]; intros [|j theta] [|i] H K; cbn in *; try discriminate; try easy.
  - apply andb_prop in H as [H _]. now apply mem_ok.
  - apply andb_prop in H as [_ H]. now apply IH.
Qed.

Section Private.
Variable e : environment.

Lemma nth_types i k : In k (types e i) -> nth i (map (types e) (everyone e)) [] = types e i.
Proof.
  intros H. assert (L : (i < length (agents e))%nat).
  { destruct (Nat.ltb_spec i (length (agents e))) as [L|L]; [assumption|].
    unfold types, person in H. rewrite nth_overflow in H by assumption. destruct H. }
  assert (E : types e (length (agents e)) = []) by (unfold types, person; now rewrite nth_overflow by lia).
  rewrite <- E, map_nth. unfold everyone. now rewrite seq_nth.
Qed.

(* Values compared with those where every other agent is of type 0. *)
Definition plain (i : nat) (theta : list nat) : list nat := replace (map (fun _ => O) (everyone e)) i (own i theta).
Definition is_private (i : nat) : bool :=
  each (profiles e) (fun theta => each (outcomes e) (fun x => Qeq_bool (value e i theta x) (value e i (plain i theta) x))).

Lemma is_private_ok i : is_private i = true -> private e i.
Proof.
  intros H theta told x Ht Hs E Hx.
  pose proof (each_ok _ _ (each_ok _ _ H theta Ht) x Hx) as K. apply Qeq_bool_iff in K.
  pose proof (each_ok _ _ (each_ok _ _ H told Hs) x Hx) as L. apply Qeq_bool_iff in L.
  rewrite K, L. unfold plain. now rewrite E.
Qed.
End Private.

Section Attained.
Variable e : environment.
Variable r : requirements.
Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.
Let t := payments e (class r) q h.

Definition kept (c : requirement) (at_ : spot) : bool :=
  match row e (class r) c at_ with
  | None => true
  | Some a => let x := quick h q s a in if equality c then is_zero x else is_nonnegative x
  end.
Definition same (i : nat) (theta : list nat) : list (list nat) :=
  filter (fun told => Nat.eqb (own i told) (own i theta)) (profiles e).
Definition check_requirement (c : requirement) : bool :=
  match c with
  | DSIC i _ =>
      let told := if is_private e i then fun theta => [theta] else same i in
      each (types e i) (fun k => each (profiles e) (fun theta => each (told theta) (fun said => kept c (Report theta said k))))
  | ExPostIC i _ => each (types e i) (fun k => each (profiles e) (fun theta => kept c (Report theta theta k)))
  | BIC i _ => each (types e i) (fun k => each (types e i) (fun k' => kept c (TypeReport k k')))
  | InterimIR i | GivenType i _ _ _ _ => each (types e i) (fun k => kept c (OfType k))
  | ExAnteIR _ | NoExpectedDeficit _ | InExpectation _ _ _ _ => kept c Once
  | ExPostIR _ | NoDeficit _ | Balanced _ | PaymentAtLeast _ _ | PaymentAtMost _ _ | NoPayments _ | AtProfiles _ _ _ _ =>
      each (profiles e) (fun theta => kept c (At theta))
  | NoLotteries => each (profiles e) (fun theta => existsb (fun x => Qeq_bool (q theta x) 1) (outcomes e))
  end.

Definition is_distribution {A} (p : A -> Q) (l : list A) : bool :=
  each l (fun a => is_nonnegative (p a)) && Qeq_bool (fold_right (fun a s => plus (p a) s) 0 l) 1.

Definition check_lottery (theta : list nat) : bool :=
  match prescribed e (rule r) theta with
  | Some f => each (outcomes e) (fun x => Qeq_bool (q theta x) (f x))
  | None =>
      is_distribution (q theta) (outcomes e)
      && (let allowed := choices e (rule r) theta in each (outcomes e) (fun x => mem x allowed || is_zero (q theta x)))
  end.
Definition check_mechanism : bool :=
  each (asked r) check_requirement && (each (profiles e) check_lottery
  && (if free_shares e then is_distribution s (everyone e) else true)).

Lemma is_distribution_ok {A} (p : A -> Q) l : is_distribution p l = true -> distribution p l.
Proof.
  intros H. apply andb_prop in H as [HN HS]. split.
  - intros a Ha. apply is_nonnegative_ok. exact (each_ok l _ HN a Ha).
  - apply Qeq_bool_iff in HS. rewrite <- HS. clear HN HS. unfold total.
    induction l as [|a l IH]; cbn; [reflexivity|]. now rewrite plus_ok, IH.
Qed.

Lemma kept_ok c at_ a : kept c at_ = true -> row e (class r) c at_ = Some a -> signed (equality c) (eval h q s a).
Proof.
  unfold kept. intros H R. rewrite R in H. cbn zeta in H.
  apply (signed_ext (equality c) _ _ (quick_ok h q s a)). unfold signed.
  destruct (equality c); [now apply is_zero_ok|now apply is_nonnegative_ok].
Qed.

Lemma private_gain i theta told k :
  private e i -> In theta (profiles e) -> In told (profiles e) -> own i theta = own i told ->
  gain e t q i theta told k == gain e t q i told told k.
Proof.
  intros P Ht Hs E. unfold gain, utility.
  assert (W : forall said, worth e q i theta said == worth e q i told said).
  { intros said. apply total_ext. intros x Hx. now rewrite (P theta told x Ht Hs E Hx). }
  now rewrite !W.
Qed.

Lemma dsic_ok i d : check_requirement (DSIC i d) = true -> meets e t q s (DSIC i d).
Proof.
  cbn [check_requirement meets]. cbn zeta. intros H theta told k Ht Hs Hk A.
  pose proof (nth_types e i k Hk) as N.
  assert (Ho : In (own i theta) (types e i)).
  { rewrite <- N. apply (own_in theta _ i k); [exact Ht|now rewrite N]. }
  set (said := replace told i (own i theta)).
  assert (Hd : In said (profiles e)) by (apply in_replace; [exact Hs|now rewrite N]).
  assert (Eo : own i said = own i theta) by (apply (own_replace told (map (types e) (everyone e))); [exact Hs|now rewrite N]).
  assert (K : forall phi psi, In phi (profiles e) -> In psi (profiles e) -> own i phi = own i theta ->
     kept (DSIC i d) (Report phi psi k) = true -> 0 <= gain e t q i phi (replace psi i (own i phi)) k).
  { intros phi psi Hp Hq E G. refine (proj1 (signed_ext false _ _ (gain_ok e (class r) h q s i phi _ k)) _).
    apply (kept_ok _ _ (gain_ e (class r) i phi (replace psi i (own i phi)) k) G). cbn [row]. unfold everywhere.
    now rewrite (in_members _ _ Hp), (in_members _ _ Hq), (in_mem _ _ Hk), E, A. }
  assert (R : replace said i (own i said) = said) by (rewrite Eo; apply replace_twice).
  pose proof (each_ok _ _ H k Hk) as H'. cbn beta in H'. destruct (is_private e i) eqn:P.
  - apply is_private_ok in P. rewrite (private_gain i theta said k P Ht Hd (eq_sym Eo)). rewrite <- R at 2.
    apply K; try assumption. pose proof (each_ok _ _ H' said Hd) as G. cbn in G. now rewrite andb_true_r in G.
  - replace said with (replace said i (own i theta)) by apply replace_twice.
    apply K; try assumption; try reflexivity. apply (each_ok _ _ (each_ok _ _ H' theta Ht)).
    apply filter_In. split; [assumption|]. now apply Nat.eqb_eq.
Qed.

Lemma check_requirement_ok c : check_requirement c = true -> meets e t q s c.
Proof.
  intros H.
  assert (I : forall b x a, if_ b x = Some a -> b = true) by (intros [|] x a; cbn; [reflexivity|discriminate]).
  destruct c as [i d| | | | | | | | | | | | | | |]; [now apply dsic_ok| | | | | | | | | | | | | | |];
    [..|intros theta Ht; pose proof (each_ok _ _ H theta Ht) as K; apply existsb_exists in K as (x & Hx & K);
        exists x; split; [assumption|now apply Qeq_bool_iff]];
    apply rows_meet; try discriminate; intros at_ a R; cbn [check_requirement] in H;
    destruct at_; try discriminate R; try (exact (kept_ok _ _ a H R));
    pose proof R as B; cbn [row] in B; apply I in B;
    repeat match goal with K : _ && _ = true |- _ => apply andb_prop in K as [? K] end;
    repeat match goal with
           | K : members _ (everywhere e) = true |- _ => apply members_ok in K
           | K : mem _ _ = true |- _ => apply mem_ok in K
           end;
    try (match type of R with row _ _ ?c ?p = _ => refine (kept_ok c p a _ R) end; apply (each_ok _ _ H); assumption).
  - refine (kept_ok (BIC i d) (TypeReport k r0) a _ R). apply (each_ok _ _ (each_ok _ _ H k ltac:(assumption))). assumption.
  - refine (kept_ok (ExPostIC i d) (Report theta theta r0) a _ R).
    apply (each_ok _ _ (each_ok _ _ H r0 ltac:(assumption))). assumption.
Qed.

Lemma check_mechanism_ok : check_mechanism = true -> satisfies e r t q s.
Proof.
  unfold check_mechanism. intros H. apply andb_prop in H as [H HQ]. apply andb_prop in HQ as [HQ HS].
  split; [|split].
  - intros c Hc. apply check_requirement_ok. exact (each_ok _ _ H c Hc).
  - intros theta Ht. pose proof (each_ok _ _ HQ theta Ht) as K. unfold check_lottery in K.
    destruct (prescribed e (rule r) theta) as [f|].
    + intros x Hx. apply Qeq_bool_iff. exact (each_ok _ _ K x Hx).
    + apply andb_prop in K as [K L]. split; [now apply is_distribution_ok|].
      intros x Hx Hn. pose proof (each_ok _ _ L x Hx) as Z. cbn in Z. apply orb_prop in Z as [Z|Z].
      * elim Hn. now apply mem_ok.
      * now apply is_zero_ok.
  - intros F. rewrite F in HS. now apply is_distribution_ok.
Qed.
End Attained.

Theorem attained e r h q s : check_mechanism e r h q s = true -> satisfies e r (payments e (class r) q h) q s.
Proof. apply check_mechanism_ok. Qed.

Corollary found e r h q s : satisfies e r (payments e (class r) q h) q s -> mechanism_exists e r.
Proof. intros H. now exists h, q, s. Qed.
