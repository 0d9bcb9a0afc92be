(* ---- Part 2: linear expressions in payments, probabilities and shares ---------------------------------------------- *)

(* Sums and products that keep denominators small, and look for common divisors only where no denominator divides the other. *)
Definition over_multiple (a b : Z) (d f : positive) : option Q :=
  let k := Z.to_pos (Zpos f / Zpos d) in if Pos.eqb (d * k) f then Some (a * Zpos k + b # f) else None.

Definition plus (x y : Q) : Q :=
  match Qnum x, Qnum y with
  | Z0, _ => y
  | _, Z0 => x
  | a, b =>
      if Pos.eqb (Qden x) (Qden y) then (a + b) # (Qden x)
      else match over_multiple a b (Qden x) (Qden y) with
           | Some s => s
           | None => match over_multiple b a (Qden y) (Qden x) with Some s => s | None => Qred (x + y) end
           end
  end.
Definition times (x y : Q) : Q :=
  match x, y with
  | Z0 # _, _ => 0
  | _, Z0 # _ => 0
  | 1 # 1, _ => y
  | _, 1 # 1 => x
  | _, _ => x * y
  end.

Lemma over_multiple_ok a b d f s : over_multiple a b d f = Some s -> s == (a # d) + (b # f).
Proof.
  unfold over_multiple. generalize (Z.to_pos (Zpos f / Zpos d)); intros k. cbn zeta. destruct (Pos.eqb_spec (d * k) f) as [<-|_]; [|discriminate].
  intros [= <-]. unfold Qeq, Qplus; cbn [Qnum Qden]. rewrite !Pos2Z.inj_mul. ring.
Qed.

Lemma plus_ok x y : plus x y == x + y.
Proof.
  assert (G : forall a b d f, match over_multiple a b d f with
    | Some s => s
    | None => match over_multiple b a f d with Some s => s | None => Qred ((a # d) + (b # f)) end
    end == (a # d) + (b # f)).
  { intros a b d f. destruct (over_multiple a b d f) as [s|] eqn:E; [now apply over_multiple_ok|].
    destruct (over_multiple b a f d) as [s|] eqn:F; [|apply Qred_correct].
    rewrite (over_multiple_ok _ _ _ _ _ F). apply Qplus_comm. }
  destruct x as [[|a|a] d], y as [[|b|b] f]; unfold plus; cbn [Qnum Qden];
    try (destruct (Pos.eqb_spec d f) as [<-|_]; [|apply G]); unfold Qeq, Qplus; cbn [Qnum Qden]; nia.
Qed.

Lemma times_ok x y : times x y == x * y.
Proof.
  destruct x as [[|[a|a|]|a] [d|d|]], y as [[|[b|b|]|b] [f|f|]]; unfold times; try reflexivity;
    unfold Qeq, Qmult; cbn [Qnum Qden]; lia.
Qed.

Inductive expr :=
  Pay (i : nat) (theta : list nat) | Chance (theta : list nat) (x : nat) | Share (i : nat) | Const (c : Q)
| Times (c : Q) (a : expr) | Plus (a b : expr).

Lemma total_ext {A} (f g : A -> Q) l : (forall a, In a l -> f a == g a) -> total f l == total g l.
Proof.
  induction l as [|a l IH]; intros H; cbn; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; [reflexivity|]. intros b Hb. apply H. now right.
Qed.

Section Evaluation.
Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.

Fixpoint eval (a : expr) : Q :=
  match a with
  | Pay i theta => h i theta
  | Chance theta x => q theta x
  | Share i => s i
  | Const c => c
  | Times c a => c * eval a
  | Plus a b => eval a + eval b
  end.

Fixpoint quick (a : expr) : Q :=
  match a with
  | Pay i theta => h i theta
  | Chance theta x => q theta x
  | Share i => s i
  | Const c => c
  | Times c a => match Qnum c with Z0 => 0 | _ => times c (quick a) end
  | Plus a b => plus (quick a) (quick b)
  end.

Lemma quick_ok a : quick a == eval a.
Proof.
  induction a as [| | | |c a IH|a IHa b IHb]; cbn [quick eval]; try reflexivity.
  - destruct c as [[|n|n] d]; cbn [Qnum]; rewrite ?times_ok, ?IH; reflexivity.
  - now rewrite plus_ok, IHa, IHb.
Qed.

Definition sum_of {A} (f : A -> expr) (l : list A) : expr := fold_right (fun a s => Plus (f a) s) (Const 0) l.
Definition minus (a b : expr) : expr := Plus a (Times (- 1) b).

Lemma eval_sum {A} (f : A -> expr) (g : A -> Q) l :
  (forall a, eval (f a) == g a) -> eval (sum_of f l) == total g l.
Proof. intros H. induction l as [|a l IH]; cbn; [reflexivity|]. now rewrite H, IH. Qed.

Lemma eval_minus a b x y : eval a == x -> eval b == y -> eval (minus a b) == x - y.
Proof. intros H K. cbn. rewrite H, K. ring. Qed.

Lemma eval_times c a x : eval a == x -> eval (Times c a) == c * x.
Proof. intros H. cbn. now rewrite H. Qed.

Lemma eval_plus a b x y : eval a == x -> eval b == y -> eval (Plus a b) == x + y.
Proof. intros H K. cbn. now rewrite H, K. Qed.
End Evaluation.

(* Where a single inequality (or equation) of a requirement stands: at a profile; at a profile, others reporting told, and a
   report r; for a type; for a type and a report r; or once. *)
Inductive spot :=
  At (theta : list nat) | Report (theta told : list nat) (r : nat) | OfType (k : nat) | TypeReport (k r : nat) | Once.

Section Rows.
Variable e : environment.
Variable cl : transfers.

Definition worth_ (i : nat) (theta told : list nat) : expr :=
  sum_of (fun x => Times (value e i theta x) (Chance told x)) (outcomes e).
Definition spent_ (theta : list nat) : expr := sum_of (fun x => Times (cost e x) (Chance theta x)) (outcomes e).
Definition others_surplus_ (i : nat) (theta : list nat) : expr :=
  minus (sum_of (fun j => if Nat.eqb i j then Const 0 else worth_ j theta theta) (everyone e)) (spent_ theta).
Definition pay_ (i : nat) (theta : list nat) : expr :=
  match cl with
  | AnyTransfers => Pay i theta
  | Groves => minus (Pay i (without i theta)) (others_surplus_ i theta)
  end.
Definition utility_ (i : nat) (theta told : list nat) : expr := minus (worth_ i theta told) (pay_ i told).
Definition gain_ (i : nat) (theta told : list nat) (r : nat) : expr :=
  minus (utility_ i theta told) (utility_ i theta (replace told i r)).
Definition left_ (i : nat) (theta : list nat) : expr :=
  let all := lookup theta (outside (person e i)) in if free_shares e then Times all (Share i) else Const all.
Definition net_ (i : nat) (theta : list nat) : expr := minus (utility_ i theta theta) (left_ i theta).
Definition revenue_ (theta : list nat) : expr := minus (sum_of (fun i => pay_ i theta) (everyone e)) (spent_ theta).
Definition form_ (f : linear) (theta : list nat) : expr :=
  Plus (Plus (Plus (Plus
    (sum_of (fun i => Times (nth i (on_payments f) 0) (pay_ i theta)) (everyone e))
    (sum_of (fun i => Times (nth i (on_utilities f) 0) (utility_ i theta theta)) (everyone e)))
    (sum_of (fun x => Times (nth x (on_outcomes f) 0) (Chance theta x)) (outcomes e)))
    (Times (on_revenue f) (revenue_ theta)))
    (Const (constant f)).
Definition expected_ (f : list nat -> expr) : expr := sum_of (fun theta => Times (mass e theta) (f theta)) (profiles e).
Definition interim_ (i k : nat) (f : list nat -> expr) : expr :=
  sum_of (fun theta => Times (belief e i theta) (f theta)) (against e i k).

(* x compared with the bound, as an expression that is at least 0, or 0. *)
Definition compared (c : comparison) (a : expr) (bound : Q) : expr :=
  match c with AtMost => minus (Const bound) a | _ => minus a (Const bound) end.

(* The row of a requirement at a spot: None if it does not stand there. *)
Definition everywhere : list (list nat) := map (types e) (everyone e).
Definition if_ (b : bool) (a : expr) : option expr := if b then Some a else None.
Definition row (c : requirement) (at_ : spot) : option expr :=
  match c, at_ with
  | DSIC i d, Report theta told r =>
      if_ (members theta everywhere && (members told everywhere && (mem r (types e i) && allowed d (own i theta) r)))
          (gain_ i theta (replace told i (own i theta)) r)
  | ExPostIC i d, Report theta _ r =>
      if_ (members theta everywhere && (mem r (types e i) && allowed d (own i theta) r)) (gain_ i theta theta r)
  | BIC i d, TypeReport k r =>
      if_ (mem k (types e i) && (mem r (types e i) && allowed d k r)) (interim_ i k (fun theta => gain_ i theta theta r))
  | ExPostIR i, At theta => if_ (members theta everywhere) (net_ i theta)
  | InterimIR i, OfType k => if_ (mem k (types e i)) (interim_ i k (net_ i))
  | ExAnteIR i, Once => Some (expected_ (net_ i))
  | NoDeficit floor, At theta | Balanced floor, At theta =>
      if_ (members theta everywhere) (minus (revenue_ theta) (Const floor))
  | NoExpectedDeficit floor, Once => Some (minus (expected_ revenue_) (Const floor))
  | PaymentAtLeast i bound, At theta => if_ (members theta everywhere) (minus (pay_ i theta) (Const bound))
  | PaymentAtMost i bound, At theta => if_ (members theta everywhere) (minus (Const bound) (pay_ i theta))
  | NoPayments i, At theta => if_ (members theta everywhere) (pay_ i theta)
  | AtProfiles f within c bound, At theta =>
      if_ (members theta everywhere && speaks_at within theta) (compared c (form_ f theta) bound)
  | InExpectation f within c bound, Once =>
      Some (compared c (expected_ (fun theta => if speaks_at within theta then form_ f theta else Const 0)) bound)
  | GivenType i f within c bound, OfType k =>
      if_ (mem k (types e i) && speaks_of within i k)
          (compared c (interim_ i k (fun theta => minus (form_ f theta) (Const bound))) 0)
  | _, _ => None
  end.
Definition is_equal (c : comparison) : bool := match c with Equal => true | _ => false end.
Definition equality (c : requirement) : bool :=
  match c with
  | Balanced _ | NoPayments _ => true
  | AtProfiles _ _ c _ | InExpectation _ _ c _ | GivenType _ _ _ c _ => is_equal c
  | _ => false
  end.

Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.
Let t := payments e cl q h.
Let ev := eval h q s.

Lemma worth_ok i theta told : ev (worth_ i theta told) == worth e q i theta told.
Proof. apply eval_sum. intros x. reflexivity. Qed.
Lemma spent_ok theta : ev (spent_ theta) == spent e q theta.
Proof. apply eval_sum. intros x. reflexivity. Qed.
Lemma others_ok i theta : ev (others_surplus_ i theta) == others_surplus e q i theta.
Proof.
  apply eval_minus; [|apply spent_ok]. apply eval_sum. intros j.
  destruct (Nat.eqb i j); [reflexivity|apply worth_ok].
Qed.
Lemma pay_ok i theta : ev (pay_ i theta) == t i theta.
Proof.
  unfold pay_, t, payments. destruct cl; [reflexivity|]. apply eval_minus; [reflexivity|apply others_ok].
Qed.
Lemma utility_ok i theta told : ev (utility_ i theta told) == utility e t q i theta told.
Proof. apply eval_minus; [apply worth_ok|apply pay_ok]. Qed.
Lemma gain_ok i theta told r : ev (gain_ i theta told r) == gain e t q i theta told r.
Proof. apply eval_minus; apply utility_ok. Qed.
Lemma left_ok i theta : ev (left_ i theta) == left e s i theta.
Proof. unfold left_, left. cbn zeta. destruct (free_shares e); cbn; [apply Qmult_comm|reflexivity]. Qed.
Lemma net_ok i theta : ev (net_ i theta) == net e t q s i theta.
Proof. apply eval_minus; [apply utility_ok|apply left_ok]. Qed.
Lemma revenue_ok theta : ev (revenue_ theta) == revenue e t q theta.
Proof. apply eval_minus; [|apply spent_ok]. apply eval_sum. intros i. apply pay_ok. Qed.
Lemma form_ok f theta : ev (form_ f theta) == form e t q f theta.
Proof.
  repeat apply eval_plus; try reflexivity.
  - apply eval_sum. intros i. apply eval_times, pay_ok.
  - apply eval_sum. intros i. apply eval_times, utility_ok.
  - apply eval_sum. intros x. reflexivity.
  - apply eval_times, revenue_ok.
Qed.
Lemma expected_ok f g : (forall theta, ev (f theta) == g theta) -> ev (expected_ f) == expected e g.
Proof. intros H. apply eval_sum. intros theta. apply eval_times, H. Qed.
Lemma interim_ok i k f g : (forall theta, ev (f theta) == g theta) -> ev (interim_ i k f) == interim e i k g.
Proof. intros H. apply eval_sum. intros theta. apply eval_times, H. Qed.

(* What an expression must be: 0 for equations, at least 0 for others. *)
Definition signed (equal : bool) (x : Q) : Prop := if equal then x == 0 else 0 <= x.

Lemma signed_ext b x y : x == y -> signed b x <-> signed b y.
Proof. intros H. unfold signed. destruct b; now rewrite H. Qed.

Lemma compared_ok c a x bound : ev a == x -> signed (is_equal c) (ev (compared c a bound)) <-> compares c x bound.
Proof.
  intros H. destruct c; cbn [compared is_equal compares]; unfold signed.
  - pose proof (eval_minus h q s a (Const bound) x bound H (Qeq_refl _)) as K. fold ev in K. rewrite K. split; lra.
  - pose proof (eval_minus h q s (Const bound) a bound x (Qeq_refl _) H) as K. fold ev in K. rewrite K. split; lra.
  - pose proof (eval_minus h q s a (Const bound) x bound H (Qeq_refl _)) as K. fold ev in K. rewrite K. split; lra.
Qed.

Lemma in_cartesian theta ls : Forall2 (@In nat) theta ls -> In theta (cartesian ls).
Proof.
  induction 1 as [|k l theta ls Hk _ IH]; cbn; [now left|].
  apply in_flat_map. exists k. split; [assumption|]. now apply in_map.
Qed.

Lemma mem_ok k l : mem k l = true -> In k l.
Proof. intros H. apply existsb_exists in H as (j & Hj & E). apply Nat.eqb_eq in E. now subst. Qed.
Lemma in_mem k l : In k l -> mem k l = true.
Proof. intros H. apply existsb_exists. exists k. split; [assumption|apply Nat.eqb_refl]. Qed.
Lemma mem_not k l : mem k l = false -> ~ In k l.
Proof. intros H K. apply in_mem in K. congruence. Qed.

Lemma members_ok theta ls : members theta ls = true -> In theta (cartesian ls).
Proof.
  intros H. apply in_cartesian. revert ls H.
  induction theta as [|k theta IH]; intros [|l ls] H; cbn in H; try discriminate; constructor.
  - apply andb_prop in H as [H _]. now apply mem_ok.
  - apply andb_prop in H as [_ H]. now apply IH.
Qed.
Lemma in_members theta ls : In theta (cartesian ls) -> members theta ls = true.
Proof.
  revert theta. induction ls as [|l ls IH]; intros theta H; cbn in H.
  - destruct H as [<-|[]]. reflexivity.
  - apply in_flat_map in H as (k & Hk & H). apply in_map_iff in H as (rest & <- & H). cbn.
    rewrite (in_mem k l Hk). now apply IH.
Qed.

(* Whoever meets a requirement keeps its row at every spot where it stands. *)
Lemma row_ok c at_ a : meets e t q s c -> row c at_ = Some a -> signed (equality c) (ev a).
Proof.
  assert (I : forall b x, if_ b x = Some a -> b = true /\ x = a) by (intros [|] x; cbn; [intros [= <-]; now split|discriminate]).
  destruct c, at_; cbn [row meets equality]; intros M H; try discriminate;
    try (apply I in H as [H <-]); try (injection H as <-);
    repeat match goal with K : _ && _ = true |- _ => apply andb_prop in K as [? K] end;
    repeat match goal with
           | K : members _ everywhere = true |- _ => apply members_ok in K
           | K : mem _ _ = true |- _ => apply mem_ok in K
           end; cbn [signed].
  - rewrite gain_ok. now apply M.
  - rewrite (interim_ok i k _ (fun theta => gain e t q i theta theta r)) by (intros; apply gain_ok). now apply M.
  - rewrite gain_ok. now apply M.
  - rewrite net_ok. now apply M.
  - rewrite (interim_ok i k _ (net e t q s i)) by (intros; apply net_ok). now apply M.
  - rewrite (expected_ok _ (net e t q s i)) by (intros; apply net_ok). exact M.
  - apply (compared_ok AtLeast _ _ floor (revenue_ok theta)). now apply M.
  - apply (compared_ok Equal _ _ floor (revenue_ok theta)). now apply M.
  - apply (compared_ok AtLeast _ _ floor (expected_ok _ _ revenue_ok)). exact M.
  - apply (compared_ok AtLeast _ _ bound (pay_ok i theta)). now apply M.
  - apply (compared_ok AtMost _ _ bound (pay_ok i theta)). now apply M.
  - rewrite pay_ok. now apply M.
  - apply (compared_ok c _ _ bound (form_ok f theta)). now apply M.
  - refine (proj2 (compared_ok c _ _ bound (expected_ok _ _ _)) M).
    intros theta. destruct (speaks_at within theta); [apply form_ok|reflexivity].
  - refine (proj2 (compared_ok c _ _ 0 (interim_ok i k _ _ _)) (M k _ _)); try assumption.
    intros theta. apply eval_minus; [apply form_ok|reflexivity].
Qed.

(* Whoever keeps every row of a requirement meets it, unless that is about lotteries. *)
Lemma rows_meet c : c <> NoLotteries -> (forall at_ a, row c at_ = Some a -> signed (equality c) (ev a)) -> meets e t q s c.
Proof.
  intros N H. assert (T : forall theta, In theta (profiles e) -> members theta everywhere = true) by (intros; now apply in_members).
  assert (G : forall at_ b x, row c at_ = if_ b x -> b = true -> signed (equality c) (ev x)).
  { intros at_ b x R ->. exact (H at_ x R). }
  destruct c; cbn [meets].
  - intros theta told r Ht Hs Hr A. rewrite <- gain_ok.
    apply (G (Report theta told r) _ _ eq_refl). now rewrite (T theta Ht), (T told Hs), (in_mem r _ Hr), A.
  - intros k r Hk Hr A. rewrite <- (interim_ok i k (fun theta => gain_ i theta theta r)) by (intros; apply gain_ok).
    apply (G (TypeReport k r) _ _ eq_refl). now rewrite (in_mem k _ Hk), (in_mem r _ Hr), A.
  - intros theta r Ht Hr A. rewrite <- gain_ok.
    apply (G (Report theta theta r) _ _ eq_refl). now rewrite (T theta Ht), (in_mem r _ Hr), A.
  - intros theta Ht. rewrite <- net_ok. apply (G (At theta) _ _ eq_refl). now apply T.
  - intros k Hk. rewrite <- (interim_ok i k (net_ i)) by (intros; apply net_ok).
    apply (G (OfType k) _ _ eq_refl). now apply in_mem.
  - rewrite <- (expected_ok (net_ i)) by (intros; apply net_ok). exact (H Once _ eq_refl).
  - intros theta Ht. apply (compared_ok AtLeast _ _ floor (revenue_ok theta)). apply (G (At theta) _ _ eq_refl). now apply T.
  - intros theta Ht. apply (compared_ok Equal _ _ floor (revenue_ok theta)). apply (G (At theta) _ _ eq_refl). now apply T.
  - apply (compared_ok AtLeast _ _ floor (expected_ok _ _ revenue_ok)). exact (H Once _ eq_refl).
  - intros theta Ht. apply (compared_ok AtLeast _ _ bound (pay_ok i theta)). apply (G (At theta) _ _ eq_refl). now apply T.
  - intros theta Ht. apply (compared_ok AtMost _ _ bound (pay_ok i theta)). apply (G (At theta) _ _ eq_refl). now apply T.
  - intros theta Ht. rewrite <- pay_ok. apply (G (At theta) _ _ eq_refl). now apply T.
  - intros theta Ht W. apply (compared_ok c _ _ bound (form_ok f theta)). apply (G (At theta) _ _ eq_refl).
    now rewrite (T theta Ht), W.
  - refine (proj1 (compared_ok c _ _ bound (expected_ok _ _ _)) (H Once _ eq_refl)).
    intros theta. destruct (speaks_at within theta); [apply form_ok|reflexivity].
  - intros k Hk W. refine (proj1 (compared_ok c _ _ 0 (interim_ok i k _ _ _)) (G (OfType k) _ _ eq_refl _)).
    + intros theta. apply eval_minus; [apply form_ok|reflexivity].
    + now rewrite (in_mem k _ Hk), W.
  - now elim N.
Qed.
End Rows.

Definition is_zero (x : Q) : bool := match Qnum x with Z0 => true | _ => false end.
Definition is_nonnegative (x : Q) : bool := match Qnum x with Zneg _ => false | _ => true end.

Lemma is_zero_ok x : is_zero x = true -> x == 0.
Proof. destruct x as [[|n|n] d]; cbn; try discriminate. intros _. unfold Qeq; cbn; lia. Qed.
Lemma is_nonnegative_ok x : is_nonnegative x = true -> 0 <= x.
Proof. destruct x as [[|n|n] d]; cbn; try discriminate; intros _; unfold Qle; cbn; lia. Qed.
