(* ---- Part 2: weights on rows whose sum is a contradiction ------------------------------------------------------------- *)

(* Coefficients by name: a name is a list of numbers, kept in a binary tree along its unary digits. *)
Inductive tree := Empty | Node (zero : tree) (c : Q) (one : tree).

Fixpoint digits (k : nat) (rest : positive) : positive := match k with O => xO rest | S j => xI (digits j rest) end.
Fixpoint path (name : list nat) : positive := match name with [] => xH | k :: r => digits k (path r) end.
Fixpoint name_at (k : nat) (p : positive) : list nat :=
  match p with xH => [] | xI p => name_at (S k) p | xO p => k :: name_at O p end.

Lemma name_at_digits k n p : name_at n (digits k p) = (n + k)%nat :: name_at O p.
Proof. revert n; induction k as [|k IH]; intros n; cbn; [now rewrite Nat.add_0_r|]. rewrite IH. f_equal. lia. Qed.
Lemma name_at_path l : name_at O (path l) = l.
Proof. induction l as [|k l IH]; cbn; [reflexivity|]. now rewrite name_at_digits, IH. Qed.

Fixpoint put (p : positive) (c : Q) (m : tree) : tree :=
  match p, m with
  | xH, Empty => Node Empty c Empty
  | xH, Node a d b => Node a (plus d c) b
  | xO p, Empty => Node (put p c Empty) 0 Empty
  | xO p, Node a d b => Node (put p c a) d b
  | xI p, Empty => Node Empty 0 (put p c Empty)
  | xI p, Node a d b => Node a d (put p c b)
  end.
Fixpoint get (p : positive) (m : tree) : Q :=
  match p, m with
  | _, Empty => 0
  | xH, Node _ d _ => d
  | xO p, Node a _ _ => get p a
  | xI p, Node _ _ b => get p b
  end.
Fixpoint vanishes (m : tree) : bool :=
  match m with Empty => true | Node a d b => is_zero d && vanishes a && vanishes b end.

Fixpoint at_ (f : positive -> Q) (m : tree) : Q :=
  match m with Empty => 0 | Node a d b => at_ (fun p => f (xO p)) a + d * f xH + at_ (fun p => f (xI p)) b end.

Lemma put_ok p c : forall f m, at_ f (put p c m) == at_ f m + c * f p.
Proof.
  induction p as [p IH|p IH|]; intros f [|a d b]; cbn; rewrite ?IH, ?plus_ok; cbn; ring.
Qed.
Lemma vanishes_ok m : vanishes m = true -> forall f, at_ f m == 0.
Proof.
  induction m as [|a IHa d b IHb]; intros H f; cbn; [reflexivity|].
  cbn in H. apply andb_prop in H as [H Hb]. apply andb_prop in H as [Hd Ha].
  rewrite IHa, IHb by assumption. rewrite (is_zero_ok d Hd). ring.
Qed.

(* A linear form: a coefficient for each unknown, by its name; the constant is the coefficient of the empty name. *)
Definition constant_name : positive := path [].
Definition pay_name (i : nat) (theta : list nat) : positive := path (0 :: i :: theta)%nat.
Definition chance_name (theta : list nat) (x : nat) : positive := path (1 :: x :: theta)%nat.
Definition share_name (i : nat) : positive := path [2; i]%nat.

Fixpoint collect (w : Q) (a : expr) (m : tree) : tree :=
  match a with
  | Pay i theta => put (pay_name i theta) w m
  | Chance theta x => put (chance_name theta x) w m
  | Share i => put (share_name i) w m
  | Const c => put constant_name (times w c) m
  | Times c a => match Qnum c with Z0 => m | _ => collect (times w c) a m end
  | Plus a b => collect w b (collect w a m)
  end.

Section Value.
Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.

Definition unknown (p : positive) : Q :=
  match name_at O p with
  | [] => 1
  | O :: i :: theta => h i theta
  | 1%nat :: x :: theta => q theta x
  | [2%nat; i] => s i
  | _ => 0
  end.
Definition value_of (m : tree) : Q := at_ unknown m.

Lemma at_constant : unknown constant_name = 1.
Proof. reflexivity. Qed.
Lemma at_pay i theta : unknown (pay_name i theta) = h i theta.
Proof. unfold unknown, pay_name. now rewrite name_at_path. Qed.
Lemma at_chance theta x : unknown (chance_name theta x) = q theta x.
Proof. unfold unknown, chance_name. now rewrite name_at_path. Qed.
Lemma at_share i : unknown (share_name i) = s i.
Proof. unfold unknown, share_name. now rewrite name_at_path. Qed.

Lemma collect_ok a : forall w m, value_of (collect w a m) == value_of m + w * eval h q s a.
Proof.
  unfold value_of. induction a as [i theta|theta x|i|c|c a IH|a IHa b IHb]; intros w m; cbn [collect eval].
  - rewrite put_ok, at_pay. reflexivity.
  - rewrite put_ok, at_chance. reflexivity.
  - rewrite put_ok, at_share. reflexivity.
  - rewrite put_ok, at_constant, times_ok. ring.
  - assert (E : Qnum c = 0%Z -> c == 0) by (intros K; apply is_zero_ok; unfold is_zero; now rewrite K).
    destruct (Qnum c) eqn:K; [rewrite (E eq_refl); ring| |]; rewrite IH, times_ok; ring.
  - rewrite IHb, IHa. ring.
Qed.
End Value.

(* A weight, the number of a requirement in the list of those asked, and a spot where it stands. *)
Definition weighted := (Q * nat * spot)%type.

(* Weights; or, without lotteries, a case for each outcome that may be chosen at a profile. *)
Inductive argument := Weights (l : list weighted) | Cases (theta : list nat) (cases : list (nat * argument)).

Section Contradiction.
Variable e : environment.
Variable r : requirements.

Fixpoint combination (l : list weighted) : option tree :=
  match l with
  | [] => Some Empty
  | (w, n, at_) :: l =>
      match combination l, nth_error (asked r) n with
      | Some m, Some c =>
          match row e (class r) c at_ with
          | Some a => if equality c then Some (collect w a m) else if is_nonnegative w then Some (collect w a m) else None
          | None => None
          end
      | _, _ => None
      end
  end.

(* The cases that have been distinguished: what is chosen at some profiles. *)
Definition decided := list (list nat * nat).
Fixpoint equal_profiles (a b : list nat) : bool :=
  match a, b with [], [] => true | k :: a, j :: b => if Nat.eqb k j then equal_profiles a b else false | _, _ => false end.
Definition left_at (d : decided) (theta : list nat) : list nat :=
  match find (fun c => equal_profiles (fst c) theta) d with
  | Some (_, x) => [x]
  | None => choices e (rule r) theta
  end.

Definition dot (c p : nat -> Q) (l : list nat) : Q := fold_right (fun x s => plus (times (c x) (p x)) s) 0 l.
Definition largest (c : nat -> Q) (l : list nat) : Q :=
  match l with [] => 0 | x :: l => fold_right (fun y m => if Qle_bool (c y) m then m else c y) (c x) l end.

(* The most that the coefficients c can contribute at theta; "is_most" checks it. *)
Definition most (d : decided) (c : nat -> Q) (theta : list nat) : Q :=
  match prescribed e (rule r) theta with
  | Some f => dot c f (outcomes e)
  | None => largest c (left_at d theta)
  end.
Definition is_most (d : decided) (c : nat -> Q) (theta : list nat) (m : Q) : bool :=
  match prescribed e (rule r) theta with
  | Some f => Qeq_bool (dot c f (outcomes e)) m
  | None => forallb (fun x => Qle_bool (c x) m) (left_at d theta)
  end.
Definition on_chance (m : tree) (theta : list nat) (x : nat) : Q := get (chance_name theta x) m.
Definition on_share (m : tree) (i : nat) : Q := get (share_name i) m.
Definition most_shares (m : tree) : Q := if free_shares e then largest (on_share m) (everyone e) else 0.
Definition shares_below (m : tree) (b : Q) : bool :=
  if free_shares e then forallb (fun i => Qle_bool (on_share m i) b) (everyone e) else Qeq_bool b 0.

Definition erased (m : tree) : tree :=
  let m' := put constant_name (- get constant_name m) m in
  let m' := if free_shares e then fold_right (fun i m' => put (share_name i) (- on_share m i) m') m' (everyone e) else m' in
  fold_right (fun theta m' => fold_right (fun x m' => put (chance_name theta x) (- on_chance m theta x) m') m' (outcomes e))
    m' (profiles e).

Definition check_weights (d : decided) (l : list weighted) : bool :=
  match combination l with
  | None => false
  | Some m =>
      vanishes (erased m)
      && (forallb (fun theta => is_most d (on_chance m theta) theta (most d (on_chance m theta) theta)) (profiles e)
      && (shares_below m (most_shares m)
      && negb (is_nonnegative (fold_right (fun theta b => plus (most d (on_chance m theta) theta) b)
                                 (plus (get constant_name m) (most_shares m)) (profiles e)))))
  end.

Definition without_lotteries : bool := existsb (fun c => match c with NoLotteries => true | _ => false end) (asked r).
Fixpoint check (d : decided) (a : argument) : bool :=
  match a with
  | Weights l => check_weights d l
  | Cases theta cases =>
      if without_lotteries && members theta (everywhere e) then
        match prescribed e (rule r) theta with
        | Some _ => false
        | None => forallb (fun x => existsb (fun c => if Nat.eqb (fst c) x then check ((theta, x) :: d) (snd c) else false) cases)
                    (choices e (rule r) theta)
        end
      else false
  end.

Variable h : nat -> list nat -> Q.
Variable q : list nat -> nat -> Q.
Variable s : nat -> Q.
Let t := payments e (class r) q h.
Hypothesis good : satisfies e r t q s.

Lemma combination_ok l : forall m, combination l = Some m -> 0 <= value_of h q s m.
Proof.
  induction l as [|[[w n] at_] l IH]; intros m H; cbn [combination] in H.
  - injection H as <-. apply Qle_refl.
  - destruct (combination l) as [m'|]; [|discriminate]. specialize (IH m' eq_refl).
    destruct (nth_error (asked r) n) as [c|] eqn:N; [|discriminate]. apply nth_error_In in N.
    destruct (row e (class r) c at_) as [a|] eqn:R; [|discriminate].
    destruct good as (G & _). pose proof (row_ok e (class r) h q s c at_ a (G c N) R) as K. unfold signed in K.
    destruct (equality c).
    + injection H as <-. rewrite collect_ok, K. lra.
    + destruct (is_nonnegative w) eqn:W; [|discriminate]. injection H as <-. apply is_nonnegative_ok in W.
      rewrite collect_ok. pose proof (Qmult_le_0_compat _ _ W K). lra.
Qed.

Lemma put_each {A} (f : positive -> Q) (name : A -> positive) (c : A -> Q) l m :
  at_ f (fold_right (fun a m => put (name a) (- c a) m) m l) == at_ f m - total (fun a => c a * f (name a)) l.
Proof. induction l as [|a l IH]; cbn [fold_right total]; [ring|]. rewrite put_ok, IH. unfold total. ring. Qed.

Lemma put_everywhere f m0 thetas m :
  at_ f (fold_right (fun theta m => fold_right (fun x m => put (chance_name theta x) (- on_chance m0 theta x) m) m (outcomes e)) m thetas)
  == at_ f m - total (fun theta => total (fun x => on_chance m0 theta x * f (chance_name theta x)) (outcomes e)) thetas.
Proof.
  induction thetas as [|theta thetas IH]; cbn [fold_right]; [cbn; ring|].
  rewrite (put_each f (chance_name theta) (on_chance m0 theta)), IH. cbn [total fold_right]. unfold total. ring.
Qed.

Lemma total_le {A} (f g : A -> Q) l : (forall a, In a l -> f a <= g a) -> total f l <= total g l.
Proof.
  induction l as [|a l IH]; intros H; cbn; [lra|].
  apply Qplus_le_compat; [apply H; now left|]. apply IH. intros b Hb. apply H. now right.
Qed.
Lemma total_times (m : Q) (f : nat -> Q) l : total (fun x => m * f x) l == m * total f l.
Proof. induction l as [|x l IH]; cbn; [ring|]. unfold total in *. rewrite IH. ring. Qed.
Lemma dot_ok c p l : dot c p l == total (fun x => c x * p x) l.
Proof. unfold dot. induction l as [|x l IH]; cbn; [reflexivity|]. now rewrite plus_ok, times_ok, IH. Qed.
Lemma total_plus_from {A} (f : A -> Q) b l : fold_right (fun x s => plus (f x) s) b l == total f l + b.
Proof. induction l as [|x l IH]; cbn; [ring|]. rewrite plus_ok, IH. unfold total. ring. Qed.

Lemma average_le (c p : nat -> Q) l m :
  distribution p l -> (forall x, In x l -> c x <= m \/ p x == 0) -> total (fun x => c x * p x) l <= m.
Proof.
  intros (HN & HS) H. setoid_replace m with (m * 1) by ring. rewrite <- HS, <- total_times.
  apply total_le. intros x Hx. destruct (H x Hx) as [K|K].
  - apply Qmult_le_compat_r; [assumption|now apply HN].
  - rewrite K, !Qmult_0_r. apply Qle_refl.
Qed.

Lemma equal_profiles_ok a b : equal_profiles a b = true -> a = b.
Proof.
  revert b. induction a as [|k a IH]; intros [|j b] H; cbn in H; try discriminate; [reflexivity|].
  destruct (Nat.eqb_spec k j) as [->|_]; [|discriminate]. f_equal. now apply IH.
Qed.

(* What is certain at the profiles that have been decided. *)
Definition chosen (d : decided) : Prop := forall theta x, In (theta, x) d -> In x (outcomes e) /\ q theta x == 1.

Lemma total_zero (p : nat -> Q) l : (forall a, In a l -> 0 <= p a) -> 0 <= total p l.
Proof.
  induction l as [|a l IH]; intros H; cbn; [lra|]. pose proof (H a (or_introl eq_refl)).
  assert (0 <= total p l) by (apply IH; intros b Hb; apply H; now right). unfold total in *. lra.
Qed.
Lemma others_vanish (p : nat -> Q) l x y :
  (forall a, In a l -> 0 <= p a) -> total p l == 1 -> In x l -> In y l -> x <> y -> p x == 1 -> p y == 0.
Proof.
  intros HN HS Hx Hy N E. assert (B : forall l, (forall a, In a l -> 0 <= p a) -> forall z, In z l -> p z <= total p l).
  { clear. induction l as [|a l IH]; intros H z Hz; [destruct Hz|].
    pose proof (H a (or_introl eq_refl)). destruct Hz as [<-|Hz]; cbn.
    - assert (0 <= total p l) by (apply total_zero; intros b Hb; apply H; now right). unfold total in *. lra.
    - assert (p z <= total p l) by (apply IH; [intros b Hb; apply H; now right|assumption]). unfold total in *. lra. }
  assert (P : p x + p y <= total p l).
  { clear HS. revert HN Hx Hy. induction l as [|a l IH]; intros HN Hx Hy; [destruct Hx|].
    assert (HN' : forall b, In b l -> 0 <= p b) by (intros b Hb; apply HN; now right).
    pose proof (HN a (or_introl eq_refl)) as Ha. change (total p (a :: l)) with (p a + total p l).
    destruct Hx as [<-|Hx], Hy as [<-|Hy].
    - now elim N.
    - pose proof (B l HN' y Hy). lra.
    - pose proof (B l HN' x Hx). lra.
    - pose proof (IH HN' Hx Hy). lra. }
  pose proof (HN y Hy). rewrite HS in P. lra.
Qed.

Lemma is_most_ok d c theta m :
  chosen d -> In theta (profiles e) -> is_most d c theta m = true -> total (fun x => c x * q theta x) (outcomes e) <= m.
Proof.
  intros HC Ht H. destruct good as (_ & HQ & _). specialize (HQ theta Ht). unfold is_most in H.
  destruct (prescribed e (rule r) theta) as [f|].
  - apply Qeq_bool_iff in H. rewrite dot_ok in H. rewrite <- H.
    rewrite (total_ext _ (fun x => c x * f x)); [apply Qle_refl|]. intros x Hx. now rewrite (HQ x Hx).
  - destruct HQ as (HD & HZ). apply average_le; [assumption|]. intros x Hx. rewrite forallb_forall in H.
    unfold left_at in H. destruct (find _ d) as [[phi y]|] eqn:F.
    + apply find_some in F as (F & E). cbn in E. apply equal_profiles_ok in E. subst phi. destruct (HC theta y F) as (Hy & One).
      destruct (Nat.eq_dec y x) as [<-|N].
      * left. apply Qle_bool_iff, H. now left.
      * right. destruct HD as (HN & HS). exact (others_vanish (q theta) _ y x HN HS Hy Hx N One).
    + destruct (mem x (choices e (rule r) theta)) eqn:M.
      * left. apply Qle_bool_iff, H. now apply mem_ok.
      * right. apply HZ; [assumption|]. now apply mem_not.
Qed.

Lemma contradiction d l : chosen d -> check_weights d l = true -> False.
Proof.
  unfold check_weights. intros HD H. destruct (combination l) as [m|] eqn:C; [|discriminate].
  apply andb_prop in H as [HV H]. apply andb_prop in H as [HM H]. apply andb_prop in H as [HS HB].
  pose proof (combination_ok l m C) as P. unfold value_of in P. set (u := unknown h q s) in *.
  pose proof (vanishes_ok _ HV u) as K. unfold erased in K. cbn zeta in K. rewrite put_everywhere in K.
  assert (S : exists S, S <= most_shares m /\
    at_ u (if free_shares e
           then fold_right (fun i m' => put (share_name i) (- on_share m i) m') (put constant_name (- get constant_name m) m) (everyone e)
           else put constant_name (- get constant_name m) m) == at_ u m - get constant_name m - S).
  { unfold most_shares, shares_below in *. destruct good as (_ & _ & G). destruct (free_shares e).
    - exists (total (fun i => on_share m i * u (share_name i)) (everyone e)). split.
      + rewrite (total_ext _ (fun i => on_share m i * s i)); [|intros i _; unfold u; now rewrite at_share].
        apply average_le; [now apply G|]. intros i Hi. left. rewrite forallb_forall in HS. apply Qle_bool_iff. now apply HS.
      + rewrite (put_each u share_name (on_share m)), put_ok. unfold u at 2. rewrite at_constant. ring.
    - exists 0. split; [apply Qle_refl|]. rewrite put_ok. unfold u at 2. rewrite at_constant. ring. }
  destruct S as (S & LS & ES). rewrite ES in K.
  assert (B : total (fun theta => total (fun x => on_chance m theta x * u (chance_name theta x)) (outcomes e)) (profiles e)
              <= total (fun theta => most d (on_chance m theta) theta) (profiles e)).
  { apply total_le. intros theta Ht.
    rewrite (total_ext _ (fun x => on_chance m theta x * q theta x)); [|intros x _; unfold u; now rewrite at_chance].
    apply (is_most_ok d); [assumption|assumption|]. rewrite forallb_forall in HM. now apply HM. }
  set (b := fold_right _ _ (profiles e)) in HB.
  assert (E : b == total (fun theta => most d (on_chance m theta) theta) (profiles e) + plus (get constant_name m) (most_shares m))
    by apply total_plus_from.
  rewrite plus_ok in E.
  assert (N : b < 0).
  { destruct b as [[|n|n] w]; cbn in HB; try discriminate. unfold Qlt; cbn; lia. }
  lra.
Qed.

Lemma choice_made theta : without_lotteries = true -> In theta (profiles e) -> exists x, In x (outcomes e) /\ q theta x == 1.
Proof.
  intros W Ht. apply existsb_exists in W as (c & Hc & E). destruct c; try discriminate.
  destruct good as (G & _). exact (G _ Hc theta Ht).
Qed.

Fixpoint check_ok (a : argument) : forall d, chosen d -> check d a = true -> False.
Proof.
  destruct a as [l|theta cases]; intros d HD H; cbn [check] in H.
  - exact (contradiction d l HD H).
  - destruct (without_lotteries) eqn:W; cbn [andb] in H; [|discriminate].
    destruct (members theta (everywhere e)) eqn:M; [|discriminate]. apply members_ok in M.
    destruct (choice_made theta W M) as (x & Hx & One).
    destruct good as (_ & HQ & _). specialize (HQ theta M).
    destruct (prescribed e (rule r) theta) as [f|]; [discriminate|]. destruct HQ as (_ & HZ).
    assert (Ch : In x (choices e (rule r) theta)).
    { destruct (mem x (choices e (rule r) theta)) eqn:E; [now apply mem_ok|]. apply mem_not in E.
      pose proof (HZ x Hx E) as Z. rewrite One in Z. discriminate Z. }
    rewrite forallb_forall in H. specialize (H x Ch).
    assert (HD' : chosen ((theta, x) :: d)).
    { intros phi y [[= <- <-]|K]; [now split|now apply HD]. }
    clear -check_ok H HD'. induction cases as [|[y b] cases IH]; cbn in H; [discriminate|].
    destruct (Nat.eqb y x).
    + apply orb_prop in H as [H|H]; [exact (check_ok b _ HD' H)|exact (IH H)].
    + exact (IH H).
Qed.
End Contradiction.

Theorem refuted (e : environment) (r : requirements) (a : argument) :
  check e r [] a = true -> ~ mechanism_exists e r.
Proof. intros H (h & q & s & G). refine (check_ok e r h q s G a [] _ H). intros theta x K. destruct K. Qed.

(* Weights over a common denominator. *)
Definition weights (d : positive) (l : list (Z * nat * spot)) : argument :=
  Weights (map (fun wc => (fst (fst wc) # d, snd (fst wc), snd wc)) l).
