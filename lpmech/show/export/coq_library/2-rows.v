(* ---- Part 2: linear expressions in payments and probabilities ------------------------------------------------------- *)

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
  Pay (i : nat) (theta : list nat) | Chance (theta : list nat) (x : nat) | Const (c : Q) | Times (c : Q) (a : expr)
| Plus (a b : expr).

Section Evaluation.
Variable t : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.

Fixpoint eval (a : expr) : Q :=
  match a with
  | Pay i theta => t i theta
  | Chance theta x => q theta x
  | Const c => c
  | Times c a => c * eval a
  | Plus a b => eval a + eval b
  end.

Fixpoint quick (a : expr) : Q :=
  match a with
  | Pay i theta => t i theta
  | Chance theta x => q theta x
  | Const c => c
  | Times c a => match Qnum c with Z0 => 0 | _ => times c (quick a) end
  | Plus a b => plus (quick a) (quick b)
  end.

Lemma quick_ok a : quick a == eval a.
Proof.
  induction a as [| | |c a IH|a IHa b IHb]; cbn [quick eval]; try reflexivity.
  - destruct c as [[|n|n] d]; cbn [Qnum]; rewrite ?times_ok, ?IH; reflexivity.
  - now rewrite plus_ok, IHa, IHb.
Qed.

Definition sum_of {A} (f : A -> expr) (l : list A) : expr := fold_right (fun a s => Plus (f a) s) (Const 0) l.
Definition minus (a b : expr) : expr := Plus a (Times (- 1) b).

Lemma total_ext {A} (f g : A -> Q) l : (forall a, In a l -> f a == g a) -> total f l == total g l.
Proof.
  induction l as [|a l IH]; intros H; cbn; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; [reflexivity|]. intros b Hb. apply H. now right.
Qed.

Lemma eval_sum {A} (f : A -> expr) (g : A -> Q) l :
  (forall a, eval (f a) == g a) -> eval (sum_of f l) == total g l.
Proof. intros H. induction l as [|a l IH]; cbn; [reflexivity|]. now rewrite H, IH. Qed.

Lemma eval_minus a b x y : eval a == x -> eval b == y -> eval (minus a b) == x - y.
Proof. intros H K. cbn. rewrite H, K. ring. Qed.

Lemma eval_times c a x : eval a == x -> eval (Times c a) == c * x.
Proof. intros H. cbn. now rewrite H. Qed.
End Evaluation.

(* The constraints by name. *)
Inductive constraint :=
  Dsic (i : nat) (theta : list nat) (r : nat) | Bic (i k r : nat)
| IrExPost (i : nat) (theta : list nat) | IrInterim (i k : nat) | IrExAnte (i : nat)
| BudgetAt (theta : list nat) | BudgetExpected.

Section Rows.
Variable e : environment.
Variable r : requirements.

Definition worth_ (i k : nat) (theta : list nat) : expr :=
  sum_of (fun x => Times (value e i k x) (Chance theta x)) (outcomes e).
Definition spent_ (theta : list nat) : expr := sum_of (fun x => Times (cost e x) (Chance theta x)) (outcomes e).
Definition others_surplus_ (i : nat) (theta : list nat) : expr :=
  minus (sum_of (fun j => if Nat.eqb i j then Const 0 else worth_ j (own j theta) theta) (everyone e)) (spent_ theta).
Definition pay_ (i : nat) (theta : list nat) : expr :=
  match class r with
  | AnyTransfers => Pay i theta
  | Groves => minus (Pay i (without i theta)) (others_surplus_ i theta)
  end.
Definition utility_ (i k : nat) (theta : list nat) : expr := minus (worth_ i k theta) (pay_ i theta).
Definition gain_ (i k : nat) (theta : list nat) : expr :=
  minus (utility_ i (own i theta) theta) (utility_ i (own i theta) (replace theta i k)).
Definition net_ (i : nat) (theta : list nat) : expr :=
  minus (utility_ i (own i theta) theta) (Const (nth (own i theta) (outside (person e i)) 0)).
Definition revenue_ (theta : list nat) : expr := minus (sum_of (fun i => pay_ i theta) (everyone e)) (spent_ theta).
Definition expected_ (f : list nat -> expr) : expr := sum_of (fun theta => Times (mass e theta) (f theta)) (profiles e).
Definition interim_ (i k : nat) (f : list nat -> expr) : expr :=
  sum_of (fun theta => Times (belief e i theta) (f theta)) (against e i k).

Definition row (c : constraint) : expr :=
  match c with
  | Dsic i theta k => gain_ i k theta
  | Bic i k k' => interim_ i k (gain_ i k')
  | IrExPost i theta => net_ i theta
  | IrInterim i k => interim_ i k (net_ i)
  | IrExAnte i => expected_ (net_ i)
  | BudgetAt theta => revenue_ theta
  | BudgetExpected => expected_ revenue_
  end.

Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Let t := payments e (class r) q h.
Let ev := eval h q.

Definition meaning (c : constraint) : Q :=
  match c with
  | Dsic i theta k => gain e t q i k theta
  | Bic i k k' => interim e i k (gain e t q i k')
  | IrExPost i theta => net e t q i theta
  | IrInterim i k => interim e i k (net e t q i)
  | IrExAnte i => expected e (net e t q i)
  | BudgetAt theta => revenue e t q theta
  | BudgetExpected => expected e (revenue e t q)
  end.

Lemma worth_ok i k theta : ev (worth_ i k theta) == worth e q i k theta.
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
  unfold pay_, t, payments. destruct (class r); [reflexivity|]. apply eval_minus; [reflexivity|apply others_ok].
Qed.
Lemma utility_ok i k theta : ev (utility_ i k theta) == utility e t q i k theta.
Proof. apply eval_minus; [apply worth_ok|apply pay_ok]. Qed.
Lemma gain_ok i k theta : ev (gain_ i k theta) == gain e t q i k theta.
Proof. apply eval_minus; apply utility_ok. Qed.
Lemma net_ok i theta : ev (net_ i theta) == net e t q i theta.
Proof. apply eval_minus; [apply utility_ok|reflexivity]. Qed.
Lemma revenue_ok theta : ev (revenue_ theta) == revenue e t q theta.
Proof. apply eval_minus; [|apply spent_ok]. apply eval_sum. intros i. apply pay_ok. Qed.
Lemma expected_ok f g : (forall theta, ev (f theta) == g theta) -> ev (expected_ f) == expected e g.
Proof. intros H. apply eval_sum. intros theta. apply eval_times, H. Qed.
Lemma interim_ok i k f g : (forall theta, ev (f theta) == g theta) -> ev (interim_ i k f) == interim e i k g.
Proof. intros H. apply eval_sum. intros theta. apply eval_times, H. Qed.

Lemma row_ok c : ev (row c) == meaning c.
Proof.
  destruct c; cbn [row meaning]; try (apply expected_ok; intros); try (apply interim_ok; intros);
    auto using gain_ok, net_ok, revenue_ok.
Qed.
End Rows.

(* ---- Part 2: lists ---------------------------------------------------------------------------------------------------- *)

Lemma in_cartesian theta ls : Forall2 (@In nat) theta ls -> In theta (cartesian ls).
Proof.
  induction 1 as [|k l theta ls Hk _ IH]; cbn; [now left|].
  apply in_flat_map. exists k. split; [assumption|]. now apply in_map.
Qed.

Definition mem (k : nat) (l : list nat) : bool := existsb (Nat.eqb k) l.
Fixpoint members (theta : list nat) (ls : list (list nat)) : bool :=
  match theta, ls with [], [] => true | k :: r, l :: s => mem k l && members r s | _, _ => false end.

Lemma mem_ok k l : mem k l = true -> In k l.
Proof. intros H. apply existsb_exists in H as (j & Hj & E). apply Nat.eqb_eq in E. now subst. Qed.

Lemma mem_not k l : mem k l = false -> ~ In k l.
Proof.
  intros H K. assert (mem k l = true) by (apply existsb_exists; exists k; split; [assumption|apply Nat.eqb_refl]).
  congruence.
Qed.

Lemma members_ok theta ls : members theta ls = true -> In theta (cartesian ls).
Proof.
  intros H. apply in_cartesian. revert ls H.
  induction theta as [|k theta IH]; intros [|l ls] H; cbn in H; try discriminate; constructor.
  - apply andb_prop in H as [H _]. now apply mem_ok.
  - apply andb_prop in H as [_ H]. now apply IH.
Qed.

Definition is_zero (x : Q) : bool := match Qnum x with Z0 => true | _ => false end.
Definition is_nonnegative (x : Q) : bool := match Qnum x with Zneg _ => false | _ => true end.

Lemma is_zero_ok x : is_zero x = true -> x == 0.
Proof. destruct x as [[|n|n] d]; cbn; try discriminate. intros _. unfold Qeq; cbn; lia. Qed.
Lemma is_nonnegative_ok x : is_nonnegative x = true -> 0 <= x.
Proof. destruct x as [[|n|n] d]; cbn; try discriminate; intros _; unfold Qle; cbn; lia. Qed.
